"""Notes are cut at a sentence, and never inside what a reader sees as one character."""

from __future__ import annotations

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from fraudnet.lists.note import NOTE_LIMIT, continues, cut, ended, note_of

VIETNAMESE = "Nhận tiền từ mười bốn người lạ trong một giờ rồi chuyển đi gần hết."
texts = st.text(st.characters(codec="utf-8"), max_size=700)
marks = st.text(st.sampled_from("aệ\u0302\u0323\u0301 .🇻🇳👩\u200d💻🏽\u1100\u1161\u11a8"), min_size=490, max_size=520)


@given(st.lists(texts, max_size=8), st.integers(20, NOTE_LIMIT))
def test_a_note_fits_and_is_in_normal_form(sentences: list[str], limit: int):
    note = note_of(sentences, limit=limit)
    assert len(note) <= limit
    assert unicodedata.is_normalized("NFC", note)
    assert note.split() == note.split(" ") or not note


@given(marks, st.integers(1, NOTE_LIMIT))
@example("e" + "\u0323" * 600, NOTE_LIMIT)
@example("🇻🇳" * 300, NOTE_LIMIT)
def test_a_cut_is_never_inside_a_character(text: str, limit: int):
    text = unicodedata.normalize("NFC", text)
    short = cut(text, limit)
    assert len(short) <= limit
    kept = short.removesuffix("…")
    assert text.startswith(kept)
    assert kept in ("", text) or text[len(kept)] == " " or not continues(text, len(kept))


@given(st.lists(st.sampled_from([VIETNAMESE, "Ba câu ngắn.", "Số dư 10.5 triệu!"]), min_size=1, max_size=40))
def test_whole_sentences_as_many_as_fit(sentences: list[str]):
    whole, kept = note_of(sentences, limit=100_000), note_of(sentences)
    places = [len(" ".join(sentences[:n])) for n in range(len(sentences) + 1)]
    assert kept == whole[: max(place for place in places if place <= NOTE_LIMIT)]


def test_characters_are_counted_not_bytes():
    sentence = "ệ" * 498 + "."
    assert note_of([sentence, "Thừa."]) == sentence
    assert len(sentence.encode()) > 1000


def test_decomposed_letters_count_once():
    sentence = unicodedata.normalize("NFD", "ệ" * 499) + "."
    assert note_of([sentence]) == "ệ" * 499 + "."


def test_the_stop_inside_a_number_ends_no_sentence():
    assert cut("Chuyển 10.500.000 đồng. Câu hai dài hơn.", 25) == "Chuyển 10.500.000 đồng."
    assert cut("Chuyển 10.500.000 đồng trong ngày.", 20) == "Chuyển 10.500.000…"


def test_lead_stands_first_and_missing_stops_are_added():
    assert note_of(["không dấu chấm", "đã có!"], "Dấu hiệu khác:") == "Dấu hiệu khác: không dấu chấm. đã có!"
    assert ended("a") == "a."


def test_families_flags_and_jamo_stay_whole():
    for whole in ("👩\u200d💻", "👍🏽", "🇻🇳", "\u1112\u1161\u11ab", "e\u0323\u0302\u0301"):
        for room in range(1, len(whole)):
            assert cut("x" * 10 + whole + "y" * 9, 10 + room + 1) == "x" * 10 + "…"
