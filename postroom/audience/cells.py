"""What is the same of the cells of every spreadsheet, whatever wrote it."""

import string

MOST_COLUMNS = 2_000
UNSEEN_AT_ENDS = string.whitespace + "\u00a0\u202f\u200b\u200c\u200d\u2060\ufeff\u180e"
