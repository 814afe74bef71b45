"""What the columns of people's lists are headed with, in small letters and digits alone."""

ADDRESS = frozenset(
    {"emailaddress", "email", "emailaddresses", "emails", "mail", "contactemail"}
    | {"contactemailaddress", "workemail", "workemailaddress", "schoolemail", "schoolemailaddress"}
    | {"emailofcontact", "emailaddressofcontact", "maincontactemail", "maincontactemailaddress"}
)
SCHOOL = frozenset(
    {"school", "schoolname", "nameofschool", "schoolsname", "placementschool", "schoolacademy"}
    | {"nameofschoolacademy", "schoolacademyname", "academy", "academyname", "placementschoolname"}
    | {"establishment", "establishmentname", "nameofestablishment", "setting", "settingname"}
    | {"institution", "institutionname", "organisation", "organisationname", "nameoforganisation"}
)
URN = frozenset(
    {"urn", "schoolurn", "establishmenturn", "uniquereferencenumber", "uniquereferencenumberurn"}
    | {"urnuniquereferencenumber", "urnnumber", "urnno", "urncode", "dfeurn", "giasurn"}
    | {"edubaseurn", "ofstedurn", "urnofschool", "urnschool", "placementschoolurn"}
    | {"schooluniquereferencenumber", "uniquereferenceno", "schoolurnnumber"}
)
NAME = frozenset(
    {"name", "fullname", "contactname", "contact", "recipientname", "nameofcontact", "maincontact"}
    | {"contactsname", "maincontactname", "contactfullname", "contactperson", "namedcontact"}
)
FIRST_NAME = frozenset(
    {"firstname", "firstnames", "forename", "forenames", "givenname", "givennames"}
    | {"contactfirstname", "contactforename"}
)
LAST_NAME = frozenset(
    {"lastname", "surname", "familyname", "secondname", "contactlastname", "contactsurname"}
)
