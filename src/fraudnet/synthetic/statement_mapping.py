"""How the statements of each shape are read: the sections of a mapping file, BANK standing for the institution."""

from __future__ import annotations

_OWN = 'kind = "account", institution = { constant = "BANK" }'
_ACCOUNTS = """
[[tables]]
table = "accounts"
HEAD
distinct = true
extras = false
source = "BANK"
[tables.columns]
institution = { constant = "BANK" }
account_number = NUMBER
"""


def _section(head: str, number: str, rest: str) -> str:
    accounts = _ACCOUNTS.replace("HEAD", head).replace("NUMBER", number)
    return f"""{accounts}
[[tables]]
table = "statements"
{head}
extras = false
source = "BANK"
[tables.columns]
own = {{ {_OWN}, number = {number} }}
{rest}"""


MAPPINGS = {
    "workbook": _section(
        'file = "BANK/*.xlsx"\nheader = 7\nheader_rows = 2',
        "{ title = 'Số tài khoản: *([0-9A-Z]+)' }",
        """at = { column = "Ngày giao dịch", format = "%d/%m/%Y %H:%M:%S" }
rail_ref = "Số tham chiếu"
debit = "Phát sinh Ghi nợ"
credit = "Phát sinh Ghi có"
balance_after = "Số dư"
opening = { title = 'Số dư đầu kỳ: *([-0-9.]+)', number = "dot" }
closing = { title = 'Số dư cuối kỳ: *([-0-9.]+)', number = "dot" }
counterparty = { kind = "account", institution = { column = "Nội dung", pattern = ' TAI (.+)$', bank = true }, \
number = { column = "Nội dung", pattern = '(?:DEN|TU) ([0-9A-Z]+)' } }
""",
    ),
    "by_name": _section(
        'file = "BANK/*.csv"\nencoding = "utf-16"\nseparator = ";"',
        "{ path = 'SK_([0-9A-Z]+)' }",
        """at = { column = "Ngày", format = "%d/%m/%Y %H:%M:%S" }
amount = { column = "Số tiền", number = "dot" }
balance_after = { column = "Số dư", number = "dot" }
rail_ref = "Mã tham chiếu"
counterparty = { kind = "account", institution = { column = "Ngân hàng đối ứng", bank = true }, \
number = "Tài khoản đối ứng" }
""",
    ),
    "ledger": _section(
        'file = "BANK/ledger.csv"',
        '"ACCOUNT_NO"',
        """at = { column = "TXN_DATE", format = "%d/%m/%Y %H:%M:%S" }
amount = { column = "AMOUNT", number = "comma" }
direction = { column = "DRCR", map = { D = "out", C = "in" } }
balance_after = "BALANCE"
rail_ref = "REF"
counterparty = { kind = "account", institution = "CONTRA_BIN", number = "CONTRA_ACC" }
""",
    ),
    "by_day": _section(
        'file = "BANK/by_day.csv"\nseparator = "|"',
        '"Account No"',
        """at = { column = "Date", format = "%d/%m/%Y" }
debit = "Debit"
credit = "Credit"
balance_after = "Balance"
counterparty_number = { column = "Details", pattern = '(?:den|tu) ([0-9A-Z]+)$' }
""",
    ),
    "bare": _section(
        'file = "BANK/bare.csv"',
        '"Số TK"',
        """at = "Thời gian"
debit = "Nợ"
credit = "Có"
balance_after = "Số dư"
rail_ref = "Tham chiếu"
""",
    ),
}
