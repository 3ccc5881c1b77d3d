"""A list of deviations from another system: read whatever saved it, duplicates found, free text refused."""

import pytest

from flowsvc.domain.deviation_file import LIMIT, by_category, read_deviations

COLUMNS = {"id": "Id", "on": "Datum", "category": "Kategori", "reporter": "Från", "counterpart": "Till"}
HEADER = "Id;Datum;Kategori;Från;Till"


def lines(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows)).encode()


def test_rows_are_read_in_any_order_of_columns_and_empty_lines_are_passed_over() -> None:
    found = read_deviations(lines("Remiss;S1;2026-03-02;;", "", header="kategori;ID;Datum;Från;Till"), columns=COLUMNS)

    assert found.is_readable
    assert found.rows == 1
    assert (found.deviations[0].id, found.deviations[0].category) == ("S1", "Remiss")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_what_spreadsheets_save_is_read(encoding: str, separator: str) -> None:
    data = lines("S1;2026-03-02;Öppenvård;Å;Ä").decode().replace(";", separator).encode(encoding)

    assert read_deviations(data, columns=COLUMNS).deviations[0].category == "Öppenvård"


def test_the_same_id_again_and_the_same_everything_else_are_duplicates() -> None:
    found = read_deviations(
        lines(
            "S1;2026-03-02;Remiss;Skola;BUP",
            "S1;2026-03-03;Remiss;Skola;BUP",
            "S2;2026-03-02;Remiss;Skola;BUP",
            "S3;2026-03-02;Remiss;Skola;HAB",
        ),
        columns=COLUMNS,
    )

    assert (found.rows, found.duplicates) == (4, (3, 4))
    assert [each.id for each in found.deviations] == ["S1", "S3"]


def test_rows_that_do_not_say_between_whom_are_told_apart_by_their_ids() -> None:
    found = read_deviations(lines("S1;2026-03-02;Remiss;;", "S2;2026-03-02;Remiss;;"), columns=COLUMNS)

    assert (len(found.deviations), found.duplicates) == (2, ())


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "Kolumnen Id saknas."),
        (lines(header="Id;Datum;Från"), "Kolumnen Kategori saknas."),
        (lines("x", header=HEADER + ";Beskrivning"), "Kolumn 6 ska inte vara med."),
        (lines("S1;i mars;Remiss;;"), "Rad 2: Datum går inte att läsa."),
        (lines(";2026-03-02;Remiss;;"), "Rad 2: Id går inte att läsa."),
        (lines("S1;2026-03-02"), "Rad 2: raden går inte att läsa."),
        (lines(f"S1;2026-03-02;{'Kalle ' * 20};;"), "Rad 2: Kategori går inte att läsa."),
        (lines(*[f"S{n};2026-03-02;Remiss;;" for n in range(LIMIT + 1)]), "Filen har fler än 20000 rader."),
    ],
)
def test_a_fault_names_line_and_column_and_never_a_value(data: bytes, fault: str) -> None:
    found = read_deviations(data, columns=COLUMNS)

    assert not found.is_readable
    assert found.faults[0].startswith(fault)
    assert "Kalle" not in " ".join(found.faults)


def test_deviations_are_counted_by_category() -> None:
    found = read_deviations(lines("1;2026-03-02;B;;", "2;2026-03-02;A;;", "3;2026-03-02;B;;"), columns=COLUMNS)

    assert by_category(found.deviations) == {"A": 1, "B": 2}
