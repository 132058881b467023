"""The mapping file of a synthetic drop: what each column of each file means."""

from __future__ import annotations

from fraudnet.contracts.scene import TEXT_CLASSES

_TIME = 'format="%Y-%m-%d %H:%M:%S"'
_ACCOUNT = 'entity = { kind="account", institution="BIN", number="SO_TAI_KHOAN" }'
_SIM = 'entity = { kind="sim", number="SO_THUE_BAO" }'
_DEVICE = 'device = { kind="device", type={ constant="imei" }, value="IMEI" }'
_EVENT_NAMES = ("login", "device_bound", "limit_raised", "password_reset", "phone_changed", "reactivated")
_SIM_EVENT_NAMES = (
    "activate", "swap", "port_in", "port_out", "device_change", "face_check", "suspend", "resume", "verify",
    "recycle", "disown",
)  # fmt: skip


def _time(column: str) -> str:
    return f'{{ column="{column}", {_TIME} }}'


def _upper(names: tuple[str, ...]) -> str:
    return "{ " + ", ".join(f'{name.upper()}="{name}"' for name in names) + " }"


def _reports(name: str, entity: str) -> str:
    return f"""
[[tables]]
table = "reports"
file = "reports_{name}.csv"
source = "tin-bao-{name}"
[tables.columns]
report_id = "MA_TIN"
at = {_time("NGAY_BAO")}
{entity}
event_at = {_time("NGAY_XAY_RA")}
kind = "THU_DOAN"
amount = "THIET_HAI"
reporter = {{ constant="victim" }}
transfer_id = "MA_GD"
complainant_key = "NGUOI_BAO"
"""


def _dispositions(name: str, entity: str) -> str:
    return f"""
[[tables]]
table = "dispositions"
file = "dispositions_{name}.csv"
source = "ket-luan-{name}"
[tables.columns]
{entity}
outcome = "KET_LUAN"
role = "VAI_TRO"
decided_at = {_time("NGAY_QD")}
activity_from = {_time("TU_NGAY")}
activity_to = {_time("DEN_NGAY")}
decided_by = "NGUOI_QD"
basis = "CAN_CU"
selected_by = "CHON_BOI"
"""


_STATES = f"""version = 1
name = "A synthetic world"
dated = true
synthetic = true

[defaults]
timezone = "Asia/Ho_Chi_Minh"
currency = "VND"
minor_units = 1

[[tables]]
table = "institutions"
file = "institutions.csv"
source = "danh-muc"
[tables.columns]
institution = "MA"
kind = {{ column="LOAI", map={{ NGAN_HANG="bank", VI="wallet", NHA_MANG="operator" }} }}
name = "TEN"
codes = {{ column="DS_MA", split="|" }}
valid_from = {{ column="TU_NGAY", format="%d/%m/%Y" }}
known_at = {_time("NGAY_CAP_NHAT")}

[[tables]]
table = "identities"
file = "identities.csv"
source = {{ column="TO_CHUC" }}
[tables.columns]
source_id = "MA_KH"
source_kind = {{ column="NGUON_LOAI", map={{ NH="bank", NM="operator" }} }}
kind = {{ column="LOAI_KH", map={{ CN="person", TC="organisation" }} }}
full_name = "HO_TEN"
birth_date = {{ column="NGAY_SINH", format="%d/%m/%Y" }}
sex = {{ column="GIOI_TINH", map={{ "Nam"=1, "Nữ"=0 }} }}
nationality = "QUOC_TICH"
id_number = "SO_GIAY_TO"
id_kind = "LOAI_GIAY_TO"
old_id_number = "SO_CU"
tax_code = "MST"
capital = "VON"
province = "TINH"
commune = "XA"
address = "DIA_CHI"
phone = "DIEN_THOAI"
face_id = "KHUON_MAT"
representative_id = "NGUOI_DAI_DIEN"
known_at = {_time("NGAY_CAP_NHAT")}

[[tables]]
table = "identities"
file = "population.csv"
source = {{ column="NGUON" }}
[tables.columns]
source_id = "MA"
source_kind = {{ constant="population" }}
kind = {{ constant="person" }}
full_name = "HO_TEN"
birth_date = {{ column="NGAY_SINH", format="%d/%m/%Y" }}
sex = {{ column="GIOI_TINH", map={{ "Nam"=1, "Nữ"=0 }} }}
id_number = "SO_DINH_DANH"
old_id_number = "SO_CU"
province = "TINH"
commune = "XA"
face_id = "KHUON_MAT"
status = {{ column="TINH_TRANG", map={_upper(("alive", "deceased", "abroad"))} }}
status_at = {_time("TU_NGAY")}
known_at = {_time("NGAY_CAP_NHAT")}

[[tables]]
table = "accounts"
file = "accounts.csv"
source = {{ column="BIN" }}
[tables.columns]
institution = "BIN"
account_number = "SO_TAI_KHOAN"
holder_source_id = "MA_KH"
cif = "MA_KH"
holder_name = "TEN_CHU_TK"
opened_at = {_time("NGAY_MO")}
channel = {{ column="KENH_MO", map={_upper(("counter", "ekyc", "corporate"))} }}
closed_at = {_time("NGAY_DONG")}
branch = "CHI_NHANH"
staff = "NHAN_VIEN"
verified_at = {_time("NGAY_XAC_THUC")}
phone = "DT_DANG_KY"
kind = {{ column="LOAI_TK", map={_upper(("personal", "corporate", "merchant", "wallet", "exchange"))} }}
currency = {{ constant="VND" }}
status = "TRANG_THAI"
status_at = {_time("NGAY_TRANG_THAI")}
known_at = {_time("NGAY_CAP_NHAT")}

[[tables]]
table = "sims"
file = "sims.csv"
source = {{ column="NHA_MANG" }}
[tables.columns]
institution = "NHA_MANG"
number = "SO_THUE_BAO"
valid_from = {_time("TU_NGAY")}
ended_at = {_time("DEN_NGAY")}
holder_source_id = "MA_KH"
holder_name = "TEN_CHU_SO"
iccid = "ICCID"
dealer = "DIEM_BAN"
plan = {{ column="GOI", map={_upper(("prepaid", "postpaid", "m2m"))} }}
verified_at = {_time("NGAY_XAC_THUC")}
known_at = {_time("NGAY_CAP_NHAT")}

[[tables]]
table = "holdings"
file = "registered_phones.csv"
source = {{ column="BIN" }}
[tables.columns]
holder = {{ kind="account", institution="BIN", number="SO_TAI_KHOAN" }}
thing = {{ kind="sim", number="SO_THUE_BAO" }}
role = {{ constant="registered_phone" }}
valid_from = {_time("TU_NGAY")}
asserted = {{ constant="yes" }}
"""

_MOVEMENTS = f"""
[[tables]]
table = "transfers"
file = "transfers/*.parquet"
source = {{ column="NGUON" }}
[tables.columns]
transfer_id = "MA_GD"
at = {_time("NGAY_GIO")}
payer = {{ kind="account", institution="BIN_GUI", number="TK_GUI" }}
payee = {{ kind="account", institution="BIN_NHAN", number="TK_NHAN" }}
amount = "SO_TIEN"
currency = {{ constant="VND" }}
rail_ref = "MA_THAM_CHIEU"
rail = "HE_THONG"
channel = "KENH"
text_class = {{ column="NOI_DUNG", map={_upper(TEXT_CLASSES)} }}
refund_of = "HOAN_CHO"

[[tables]]
table = "calls"
file = "calls/*.parquet"
source = {{ column="NGUON" }}
[tables.columns]
at = {_time("NGAY_GIO")}
caller = "SO_GOI"
callee = "SO_NHAN"
kind = {{ column="LOAI", map={{ THOAI="voice", TIN_NHAN="sms", OTP="otp" }} }}
duration_s = "THOI_LUONG"
cell = "TRAM"
answered = {{ column="TRA_LOI", map={{ C=true, K=false }} }}

[[tables]]
table = "cash"
file = "cash.csv"
source = {{ column="NGUON" }}
[tables.columns]
cash_id = "MA_GD"
at = {_time("LUC")}
{_ACCOUNT}
amount = "SO_TIEN"
place_kind = {{ column="NOI", map={{ ATM="atm", QUAY="counter" }} }}
place = "MAY"
card = "THE"

[[tables]]
table = "adverts"
file = "adverts.csv"
source = "theo-doi-mang"
[tables.columns]
ad_id = "MA"
seen_at = {_time("LUC")}
kind = {{ column="LOAI", map={{ TAI_KHOAN="account", SO_DIEN_THOAI="number" }} }}
value = "GIA_TRI"
url_digest = "TRANG"
"""

_EVENTS = f"""
[[tables]]
table = "uses"
file = "uses_accounts.csv"
source = {{ column="BIN" }}
[tables.columns]
{_ACCOUNT}
{_DEVICE}
seen_at = {_time("LUC")}

[[tables]]
table = "uses"
file = "uses_sims.csv"
source = "nha-mang"
[tables.columns]
{_SIM}
{_DEVICE}
seen_at = {_time("LUC")}
place = "TRAM"

[[tables]]
table = "account_events"
file = "account_events.csv"
source = {{ column="BIN" }}
[tables.columns]
{_ACCOUNT}
at = {_time("LUC")}
event = {{ column="SU_KIEN", map={_upper(_EVENT_NAMES)} }}
{_DEVICE}
value = "GIA_TRI"

[[tables]]
table = "sim_events"
file = "sim_events.csv"
source = "nha-mang"
[tables.columns]
number = "SO_THUE_BAO"
at = {_time("LUC")}
event = {{ column="SU_KIEN", map={_upper(_SIM_EVENT_NAMES)} }}
dealer = "DIEM_BAN"
old = "CU"
new = "MOI"
"""

MAPPING = (
    _STATES + _MOVEMENTS + _EVENTS
    + _reports("accounts", _ACCOUNT) + _reports("sims", _SIM)
    + _dispositions("accounts", _ACCOUNT) + _dispositions("sims", _SIM)
)  # fmt: skip
