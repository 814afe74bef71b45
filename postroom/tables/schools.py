"""The register of schools, as last imported. No person's name or telephone number is in it."""

from datetime import date

from sqlmodel import Field, SQLModel

OPEN_CODES = ("1", "3")  # of a status: open; open, but proposed to close


class School(SQLModel, table=True):
    """An establishment with a URN. Codes and words are the register's own."""

    __tablename__ = "schools"

    urn: str = Field(primary_key=True)
    name: str
    type_code: str
    type: str
    type_group: str
    status_code: str
    status: str
    opened_on: date | None = None
    closed_on: date | None = None
    phase: str
    local_authority_code: str
    local_authority: str
    region: str
    district_code: str
    district: str
    trust_code: str
    trust: str
    town: str
    postcode: str
    establishment_number: str = ""  # with the local authority's code: the LAEstab number
    type_group_code: str = ""
    phase_code: str = ""
    lowest_age: str = ""
    highest_age: str = ""
    pupils: str = ""
    trust_flag_code: str = ""
    federation_code: str = ""
    federation: str = ""
    ukprn: str = ""
    street: str = ""
    locality: str = ""
    address_3: str = ""
    county: str = ""
    region_code: str = ""
    urban_rural_code: str = ""
    urban_rural: str = ""
    religious_character: str = ""
    successor_urn: str = ""  # of a closed school: the one that took over last
