"""Texts in the fonts that Vietnamese offices used before Unicode: the whole alphabet, both cases, both spellings."""

from __future__ import annotations

import re
import unicodedata

import pytest

from connectors.old_fonts import BYTES, of_font, spelled, tcvn3, tcvn3_capitals, vni

TONED = "aàảãáạ ăằẳẵắặ âầẩẫấậ eèẻẽéẹ êềểễếệ iìỉĩíị oòỏõóọ ôồổỗốộ ơờởỡớợ uùủũúụ ưừửữứự yỳỷỹýỵ đ".replace(
    " ", ""
)
# the codes of TCVN 5712:1993 VN3, in the order of TONED; a plain letter is its own code
TCVN3 = bytes.fromhex(
    "61b5b6b7b8b9 a8bbbcbdbec6 a9c7c8c9cacb 65cccecfd0d1 aad2d3d4d5d6 69d7d8dcddde"
    "6fdfe1e2e3e4 abe5e6e7e8e9 aceaebecedee 75eff1f2f3f4 adf5f6f7f8f9 79fafbfcfdfe ae"
)
# VNI for Windows: a letter, and behind it the code of its tone, its hat, or both
VNI = [bytes.fromhex(code) for code in re.findall(r"\S+", """
    61 61f8 61fb 61f5 61f9 61ef 61ea 61e8 61fa 61fc 61e9 61eb 61e2 61e0 61e5 61e3 61e1 61e4
    65 65f8 65fb 65f5 65f9 65ef 65e2 65e0 65e5 65e3 65e1 65e4 69 ec e6 f3 ed f2
    6f 6ff8 6ffb 6ff5 6ff9 6fef 6fe2 6fe0 6fe5 6fe3 6fe1 6fe4 f4 f4f8 f4fb f4f5 f4f9 f4ef
    75 75f8 75fb 75f5 75f9 75ef f6 f6f8 f6fb f6f5 f6f9 f6ef 79 79f8 79fb 79f5 79f9 ee f1
""")]  # fmt: skip
CAPITALS = {"Ă": 0xA1, "Â": 0xA2, "Ê": 0xA3, "Ô": 0xA4, "Ơ": 0xA5, "Ư": 0xA6, "Đ": 0xA7}


def test_every_letter_of_tcvn3_is_its_letter():
    assert len(TONED) == 73
    for letter, code in zip(TONED, TCVN3, strict=True):
        text = bytes([code]).decode(BYTES)
        assert tcvn3(text) == letter
        assert tcvn3_capitals(text) == letter.upper()
    for letter, code in CAPITALS.items():
        assert tcvn3(bytes([code]).decode(BYTES)) == letter
        assert tcvn3_capitals(bytes([code]).decode(BYTES)) == letter


def test_every_letter_of_vni_is_its_letter_in_both_cases():
    for letter, code in zip(TONED, VNI, strict=True):
        small = code.decode(BYTES)
        large = small.upper()
        assert vni(small) == letter
        assert vni(large) == letter.upper()
        assert vni(small[0].upper() + small[1:]) == letter.upper() or len(small) == 1
        assert unicodedata.is_normalized("NFC", vni(small) + vni(large))
        assert large.encode(BYTES) == bytes(byte - 0x20 for byte in code)


@pytest.mark.parametrize(
    ("read", "written", "meant"),
    [
        (tcvn3, "Céng hoµ x· héi chñ nghÜa ViÖt Nam", "Cộng hoà xã hội chủ nghĩa Việt Nam"),
        (tcvn3, "§éc lËp - Tù do - H¹nh phóc", "Độc lập - Tự do - Hạnh phúc"),
        (tcvn3, "Gi­êng bÖnh: 3.359,80 (­íc)", "Giường bệnh: 3.359,80 (ước)"),
        (tcvn3_capitals, "céng hoµ x· héi", "CỘNG HOÀ XÃ HỘI"),
        (vni, "COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        (vni, "Ñoäc laäp - Töï do - Haïnh phuùc", "Độc lập - Tự do - Hạnh phúc"),
        (vni, "ôû huyeän Vaân Ñoàn, tæ leä 93,7 %", "ở huyện Vân Đồn, tỉ lệ 93,7 %"),
        (vni, "Thöùc aên, Ngoïc, nghæ, kyõ, ñaëc bieät, thueâ", "Thức ăn, Ngọc, nghỉ, kỹ, đặc biệt, thuê"),
    ],
)
def test_a_sentence_is_read(read, written, meant):
    assert read(written) == meant


@pytest.mark.parametrize(
    ("font", "read"),
    [
        (".VnTime", tcvn3), (".VnTimeH", tcvn3_capitals), (".VnArial NarrowH", tcvn3_capitals), ("'.VnTime'", tcvn3),
        ("VNI-Times", vni), ("VNI Helve", vni), ("Times New Roman", None), ("UVnTime", None), ("", None),
    ],
)  # fmt: skip
def test_a_font_tells_how_its_texts_are_read(font, read):
    assert of_font(font) is read


def test_a_text_that_is_unicode_already_stays_as_it_is():
    assert spelled("đã ký", tcvn3) == "đã ký"
    assert spelled("bv_bai_chay", vni) == "bv_bai_chay"
    assert spelled("®· ký", None) == "®· ký"
