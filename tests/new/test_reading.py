"""Tables in LaTeX, CSV and Markdown: every text as it looks on the page, and none that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.new.printed import PrintedTable
from repro.new.tex import from_tex, plain
from repro.new.text_tables import from_markdown, read_table
from repro.report.build import published
from repro.report.render import render
from repro.spec.load import unchecked
from repro.spec.tables import all_paths

TEX = r"""
\begin{table}[t]
\caption{Perplexity on PTB~\cite{foo}. Lower is better.}
\begin{tabular}{@{}l|cc@{}} \toprule
 & \multicolumn{2}{c}{Perplexity $\downarrow$} \\ \cmidrule(lr){2-3}
\textbf{Model} & \begin{tabular}[c]{@{}c@{}}Valid\\ set\end{tabular} & Test \\ \midrule
\multicolumn{3}{l}{\emph{Baselines}} \\
LSTM~\citep{a} & 60.7 & 58.8\\[2pt]
AWD-LSTM & $58.10_{\pm 0.3}$ & {56.80}$^\dagger$ \\ % comment & x
\midrule
\multicolumn{3}{l}{Ours} \\
AWD-LSTM-MoS & \textbf{56.54} & \underline{\textbf{54.40}} \\
MoS \& Co & -- & $1.2\times10^{-4}$ \\
\bottomrule \end{tabular}
\end{table}
"""
MERGED = r"""\begin{tabular}{ll|cc}\hline
Data & Model & PPL & Size\\ \hline\hline
\multirow{2}{*}{PTB} & LSTM & 24.0$^{7}$ & 2M \\
& MoS & 23.1\textsuperscript{1,2} & -\\ \hline
WT2 & LSTM & $<$30 & \multirow{1}{*}{3{,}000} \\ \hline
\end{tabular}"""


def in_file(file: Path, text: str, encoding: str = "utf-8") -> PrintedTable:
    file.write_bytes(text.encode(encoding))
    return read_table(file)


def rows(table: PrintedTable) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(row.group, row.label, row.cells) for row in table.rows]


def test_latex_is_read_as_it_looks() -> None:
    found = from_tex(TEX)
    assert found.title == "Perplexity on PTB. Lower is better."
    assert found.columns == ("Perplexity ↓ Valid set", "Perplexity ↓ Test")
    assert rows(found) == [
        ("Baselines", "LSTM", ("60.7", "58.8")),
        ("Baselines", "AWD-LSTM", ("58.10 ± 0.3", "56.80†")),
        ("Ours", "AWD-LSTM-MoS", ("56.54", "54.40")),
        ("Ours", "MoS & Co", ("–", "1.2×10⁻⁴")),
    ]


def test_a_first_column_that_goes_over_several_rows_is_a_heading_and_marks_are_no_digits() -> None:
    found = from_tex(MERGED)
    assert found.columns == ("PPL", "Size")
    assert rows(found) == [
        ("PTB", "LSTM", ("24.0⁷", "2M")),
        ("PTB", "MoS", ("23.1¹˒²", "-")),
        ("WT2", "LSTM", ("<30", "3,000")),
    ]


@pytest.mark.parametrize(
    ("source", "looks"),
    [(r"\'Etienne G\"odel \c{c} \o", "Étienne Gödel ç ø"), (r"$\lambda=0.1$, $\Omega$", "λ=0.1, Ω"),
     (r"\ours{} (\%)", r"\ours (%)"), (r"\odd{$x$}", r"\odd{x}"),
     (r"5$^{th}$", "5th"), (r"\textcolor{red}{\bf 3.1}", "3.1"),
     (r"\makecell{a\\b}", "a b"), (r"x_{t}", "x_t"), (r"\textless{}5\textbar", "<5|"), (r"1\,234", "1 234")],
)  # fmt: skip
def test_a_piece_of_latex(source: str, looks: str) -> None:
    assert plain(source) == looks


def test_without_a_rule_below_it_the_first_line_has_the_heads() -> None:
    found = from_tex(r"\begin{tabular}{lc} Model & PPL \\ A & 1 \\ B & 2 \end{tabular}")
    assert (found.columns, rows(found)) == (("PPL",), [("", "A", ("1",)), ("", "B", ("2",))])
    boxed = from_tex(r"\begin{tabular}{lc} \hline Model & PPL \\ A & 1 \\ \hline \end{tabular}")
    assert (boxed.columns, rows(boxed)) == (("PPL",), [("", "A", ("1",))])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_has_the_separator_that_fits_its_lines_and_lines_within_cells(tmp_path: Path, separator: str) -> None:
    lines = ["Model,Acc ↑,Time", 'A,"12.50","3\nh"', "B,99.90,-", ",,"]
    found = in_file(tmp_path / "a.csv", "\n".join(lines).replace(",", separator))
    assert found.columns == ("Acc ↑", "Time")
    assert rows(found) == [("", "A", ("12.50", "3 h")), ("", "B", ("99.90", "-"))]


def test_markdown_is_read_without_its_marks_from_the_first_table() -> None:
    text = "# Results\n\n| no | table\n\nModel | Acc | N\n:--|--:|--\n**A** | 90.10<sup>2</sup> | `1,234`\n"
    found = from_markdown(text + "B \\| C | *91.2* ± 0.3 &amp; x\n\n| other | table |\n|--|--|\n| D | 1 |\n")
    assert (found.title, found.columns) == ("Results", ("Acc", "N"))
    assert rows(found) == [("", "A", ("90.10²", "1,234")), ("", "B | C", ("91.2 ± 0.3 & x", ""))]


@pytest.mark.parametrize("form", ["md", "tex"])
def test_what_the_reports_write_is_read_back_with_every_printed_text(form: str, tmp_path: Path) -> None:
    """Of all tables that come with the project, where they are one table on one page."""
    read = 0
    for path in all_paths():
        view = published(unchecked(path))
        wanted = {_bare(cell.published.text) for row in view.rows for cell in row.cells.values() if cell.published}
        if view.heading_columns or not wanted or len(view.body_columns) > 10 or path.parent.name == "salakhutdinov":
            continue  # two tables, or none; formulas outside ASCII are written as numbers of characters in TeX
        file = tmp_path / f"table.{form}"
        file.write_text(render(view, form))
        cells = {_bare(cell) for row in read_table(file).rows for cell in row.cells}
        assert wanted <= cells, path
        read += 1
    assert read > 40


def _bare(text: str) -> str:
    """Without blanks, which LaTeX sets itself, and without the marks of the report's own footnotes."""
    return "".join(text.split()).rstrip("⁰¹²³⁴⁵⁶⁷⁸⁹˒")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [("a.tex", "no table", "no tabular environment is found"), ("a.md", "| a | b |", "no table with pipes"),
     ("a.csv", "only,heads", "no table is found: expected a line of heads"),
     ("a.md", "", "is empty"), ("quote.csv", 'a,b\n"x"y,1\n', "2: no CSV: "),
     ("quote.tsv", 'a\tb\n"x\t1\ny"\t2\n', "are its quotes around texts, or part of them"),
     ("a.docx", "", "a table is read from a file that ends in .tex, .csv, .tsv, .tab, .md, .markdown")],
)  # fmt: skip
def test_a_file_without_a_table_is_one_line_that_names_it(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=rf"{name}:? ?{message}"):
        read_table(tmp_path / name)


def test_a_file_in_another_encoding_or_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("é,b\n1,2\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"a\.csv:1: not UTF-8 text"):
        read_table(tmp_path / "a.csv")
    with pytest.raises(ValueError, match=r"there is no file '.*none\.csv'"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b'\xef\xbb\xbf"Model, size",N\nA,1\n')  # a byte order mark is no part of a head
    assert read_table(tmp_path / "b.csv").columns == ("N",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("semicolons.csv", '"Model, size, data";N;M\n"A, 1";1,5;2\n"B, 2";2,5;3\n'),  # more commas than semicolons
        ("decimals.CSV", "Model;N;M\nA;1,5;2\nB;2,5;3\n"),  # decimal commas
        ("commas.tsv", "Model, size, data\tN\tM\nA\t1,5\t2\nB\t2,5\t3\n"),
        ("ragged.csv", 'Model,N,M\n,,\nBaselines\nA,"1,5",2\nB,"2,5",3\n'),  # a heading alone, a line of nothing
    ],
)
def test_cells_are_parted_where_the_file_parts_them(tmp_path: Path, name: str, text: str) -> None:
    found = in_file(tmp_path / name, text)
    assert found.columns == ("N", "M")
    assert [row.cells for row in found.rows] == [("1,5", "2"), ("2,5", "3")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("form", ["csv", "tsv", "md", "tex"])
def test_a_table_is_read_whatever_its_byte_order_mark_and_line_ends(tmp_path: Path, form: str, encoding: str) -> None:
    """And a line ends at a newline alone: U+2028 within a cell is a blank."""
    text = {
        "csv": "Model,PPL\nMoS é\u2028b,54.40\n", "tsv": "Model\tPPL\nMoS é\u2028b\t54.40\n",
        "md": "| Model | PPL |\n| -- | -- |\n| MoS é\u2028b | 54.40 |\n",
        "tex": "\\begin{tabular}{lc}\nModel & PPL \\\\\n\\hline\nMoS é\u2028b & 54.40 \\\\\n\\end{tabular}\n",
    }[form]  # fmt: skip
    found = in_file(tmp_path / f"a.{form}", text.replace("\n", "\r\n"), encoding)
    assert (found.columns, [(" ".join(row.label.split()), row.cells) for row in found.rows]) == (
        ("PPL",), [("MoS é b", ("54.40",))],
    )  # fmt: skip
