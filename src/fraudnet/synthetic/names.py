"""Vietnamese names by region, sex and birth year, and names of organisations."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic.columns import Ints

# Frequencies after Lê Trung Hoa (2005); Hoàng and Vũ in the north, Huỳnh and Võ in the south.
SURNAMES = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương",
    "Lý", "Đinh", "Đoàn", "Trương", "Lương", "Mai", "Cao", "Tô", "Hà", "Tạ", "Châu", "Lâm", "Trịnh", "Đào", "Quách",
)  # fmt: skip
_COMMON = (38.4, 11, 9.5, 7.1, 5.1, 0.6, 4.5, 3.9, 0.6, 2.1, 2, 1.4, 1.3, 1.3, 1, 0.5)
NORTH = np.array([*_COMMON, *([0.69] * 14)])
SOUTH = NORTH.copy()
SOUTH[[4, 5, 7, 8]] = NORTH[[5, 4, 8, 7]]

MALE_MIDDLE = ("Văn", "Hữu", "Đức", "Minh", "Quang", "Thanh", "Quốc", "Công", "Ngọc", "Tuấn", "Anh", "Gia")
FEMALE_MIDDLE = ("Thị", "Thị Thu", "Thị Ngọc", "Ngọc", "Thanh", "Thu", "Minh", "Phương", "Thùy", "Khánh", "Bảo", "Hoài")
MALE_GIVEN = (
    "Hùng", "Dũng", "Tuấn", "Sơn", "Hải", "Nam", "Long", "Cường", "Thắng", "Hiếu", "Minh", "Quân", "Đạt", "Phúc",
    "Khoa", "Bình", "Tú", "Kiên", "Huy", "Trung", "Việt", "Thành", "Tâm", "Lộc", "Nghĩa", "Phong", "Tài", "Vinh",
    "Hòa", "Khánh", "Bảo", "Đức", "Hoàng", "Thịnh", "Toàn", "Quý",
)  # fmt: skip
FEMALE_GIVEN = (
    "Lan", "Hoa", "Hương", "Hằng", "Trang", "Linh", "Thảo", "Ngọc", "Hà", "Mai", "Thúy", "Nga", "Yến", "Nhung",
    "Phương", "Vân", "Anh", "Huyền", "Loan", "Dung", "Hạnh", "Tuyết", "Oanh", "Quỳnh", "My", "Châu", "Trâm", "Nhi",
    "Vy", "Thủy", "Kim", "Liên", "Bích", "Diệu", "Giang", "Thư",
)  # fmt: skip
COMPANY_FORMS = ("Công ty TNHH", "Công ty Cổ phần", "Doanh nghiệp tư nhân", "Hộ kinh doanh")
COMPANY_WORDS = (
    "An Phát", "Bình Minh", "Đại Dương", "Hoàng Gia", "Hưng Thịnh", "Kim Long", "Minh Anh", "Nam Việt", "Phú Quý",
    "Sao Mai", "Tân Tiến", "Thành Công", "Thiên Phú", "Trường Sơn", "Vạn Xuân", "Việt Hưng",
)  # fmt: skip
COMPANY_TRADES = ("Thương mại", "Dịch vụ", "Vận tải", "May mặc", "Thực phẩm", "Điện tử", "Xây dựng", "Nông sản")


def surnames(southern: np.ndarray, rng: np.random.Generator) -> Ints:
    """A surname per person, by the region of birth."""
    draw = rng.random(len(southern))
    north = np.searchsorted(np.cumsum(NORTH / NORTH.sum()), draw)
    south = np.searchsorted(np.cumsum(SOUTH / SOUTH.sum()), draw)
    return np.minimum(np.where(southern, south, north), len(SURNAMES) - 1).astype(np.int64)


def middles(birth_year: Ints, rng: np.random.Generator) -> Ints:
    """A middle name per person; Văn and Thị fall from three in four to one in five with the birth year."""
    traditional = np.clip(0.8 - (birth_year - 1955) * 0.012, 0.2, 0.8)
    other = rng.integers(1, len(MALE_MIDDLE), len(birth_year))
    return np.where(rng.random(len(birth_year)) < traditional, 0, other).astype(np.int64)


def person_names() -> tuple[list[str], list[str], list[str], list[str]]:
    """The lists that a person's codes point into: male middle, female middle, male given, female given."""
    return list(MALE_MIDDLE), list(FEMALE_MIDDLE), list(MALE_GIVEN), list(FEMALE_GIVEN)


def company_names() -> list[str]:
    """Every company name there is, in a fixed order."""
    return [f"{form} {trade} {word}" for form in COMPANY_FORMS for trade in COMPANY_TRADES for word in COMPANY_WORDS]
