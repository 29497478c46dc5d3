"""YAML as people mean it, and refused where it means something else."""

from __future__ import annotations

import tracemalloc

import pytest

from config.text import LARGEST, Document, read


@pytest.fixture
def document(tmp_path):
    def written(text: str | bytes) -> Document:
        file = tmp_path / "daybook.yaml"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return read(file, "daybook.yaml")

    return written


def told(document: Document) -> list[tuple[int, int, str]]:
    return [(p.place.line, p.place.column, p.sentence) for p in document.problems]


def test_times_and_no_and_dates_stay_what_was_written(document):
    found = document(
        "at: 12:30\nanswer: no\nday: 2026-12-01\naccount: 0123\ncount: 1_000\non: true\nwhat: ~\n"
    )
    assert found.value == {
        "at": "12:30",
        "answer": "no",
        "day": "2026-12-01",
        "account": "0123",
        "count": 1000,
        "on": True,
        "what": None,
    }
    assert found.problems == []


def test_a_folded_text_is_the_words_that_were_written(document):
    found = document('why: >-\n  Two invoices\n  were disputed,\n  twice.\n\n  So.\nother: "a\\a"\n')
    assert found.value == {"why": "Two invoices were disputed, twice.\nSo.", "other": "a\a"}


def test_every_part_knows_its_place(document):
    found = document("rules:\n  - name: A\n    when: {title: acme}\n")
    assert (found.places[("rules", 0, "when", "title")].line, found.places[("rules", 0, "name")].column) == (
        3,
        5,
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("a: 1\na: 2\n", 2, 1, "a second time, after line 1"),
        ("a: &x 1\nb: *x\n", 1, 4, "anchor"),
        ("a:\n\t- 1\n", 2, 1, "tab"),
        ("a: [1\nb: 2\n", 2, 2, "cannot be read as YAML"),
        ("a: !!python/object:os.system x\n", 1, 4, "tag"),
        ("- " * 60 + "x", 1, 83, "nested too deeply"),
        ("a: 1\nb: x\0\n", 2, 5, "cannot be seen (U+0000). Delete it."),
        ("a: 1\n\ufeffb: 2\n", 2, 1, "cannot be seen (U+FEFF). Delete it."),
    ],
)
def test_P14_what_is_not_plain_yaml_is_named_with_its_place(document, text, line, column, says):
    ((at_line, at_column, sentence), *_) = told(document(text))
    assert (at_line, at_column) == (line, column)
    assert says in sentence


def test_windows_line_ends_and_a_byte_order_mark_are_fine(document):
    assert document(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n").value == {"a": 1, "b": 2}


def test_text_in_another_encoding_is_named_with_its_line(document):
    ((line, _, sentence),) = told(document("a: 1\nb: Büro\n".encode("latin-1")))
    assert line == 2
    assert "UTF-8" in sentence


def test_S09_a_bomb_of_aliases_costs_nothing(document):
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    tracemalloc.start()
    found = document("\n".join(lines))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.problems
    assert peak < 20 * 2**20


def test_S09_a_file_over_its_size_is_refused_unread(document):
    ((_, _, sentence),) = told(document(b"#" * (LARGEST + 1)))
    assert "1 MiB" in sentence


@pytest.mark.parametrize(
    "text", ["a: {b: 1, c: '2\nd: 2\n", "a: {b: 1\nd: 2\n", "a: [1\nd: 2\n", 'a: "1\nd: 2\n']
)
def test_P14_a_bracket_or_quote_that_stays_open_is_named_where_it_was_opened(document, text: str) -> None:
    (problem,) = document(text).problems
    assert problem.place.line > 1
    assert "What was opened in line 1 is perhaps not closed." in problem.sentence
