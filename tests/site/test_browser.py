"""The site in a real browser: what a reader does works, and nothing on a page does anything else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.site.browser import PROGRAM, Browser, browser
from tests.site.conftest import Small

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(PROGRAM is None, reason="no chromium is installed"),
]
SHOWN = "[...document.querySelectorAll('#index tbody tr:not([hidden])')].map(row => row.cells[0].dataset.value)"
ORDER = "[...document.querySelectorAll('#index tbody tr')].map(row => row.cells[0].dataset.value)"
FOUND = "[...document.querySelectorAll('.places:not([hidden]) li:not([hidden])')].map(each => each.textContent)"
OF_GROUP = "[...document.querySelectorAll('.main tbody tr')].map(row => row.cells[0].textContent.trim().split(' ')[0])"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def page(running: Browser) -> Iterator[Browser]:
    """The browser at its usual size; after each test nothing may have been logged, and no request have left."""
    running.show_as()
    running.said.clear()
    running.requested.clear()
    yield running
    assert running.said == []
    assert [url for url in running.requested if not url.startswith(("file:", "data:", "about:"))] == []


def url(small: Small, name: str) -> str:
    file, mark, fragment = name.partition("#")
    return (small.folder / file).as_uri() + mark + fragment


def choose(page: Browser, name: str, value: str) -> None:
    page.value(f"""(() => {{ const field = document.querySelector("form [name={name}]"); field.value = `{value}`;
                   field.dispatchEvent(new Event("input", {{bubbles: true}})); }})()""")


def test_every_page_loads_without_a_word_and_asks_for_nothing_but_itself(page: Browser, small: Small) -> None:
    for name in sorted(name for name in small.files if name.endswith(".html")):
        page.requested.clear()
        page.open(url(small, name))
        assert [asked for asked in page.requested if not asked.startswith("data:")] == [url(small, name)], name
        assert page.said == [], name
        assert page.value("window.hacked") is None, name
        assert page.value("document.querySelectorAll('main img, main script:not([type]), [onfocus]').length") == 0, name


def test_a_server_is_asked_for_the_page_and_nothing_else(running: Browser, small: Small) -> None:
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(small.folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        running.open(f"http://127.0.0.1:{server.server_port}/index.html")
        running.open(f"http://127.0.0.1:{server.server_port}/{small.site.runs[0].file}")
        server.shutdown()
    assert asked == ["/index.html", f"/{small.site.runs[0].file}"]


def test_a_hostile_text_shows_as_text(page: Browser, small: Small) -> None:
    page.open(url(small, "tables/toy/measured.html"))
    assert "<script>window.hacked = 1</script><img src=x" in page.value("document.querySelector('h1').innerText")
    run = small.site.runs[0]
    page.open(url(small, f"compare.html#a={run.record.key}&b={small.site.runs[1].record.key}"))
    assert "<script>window.hacked = 1</script><img src=x" in page.value("document.getElementById('result').innerText")
    assert page.value("window.hacked") is None


def test_a_page_can_reach_nothing_even_if_it_tried(page: Browser, small: Small) -> None:
    page.open(url(small, "index.html"))
    assert page.value("fetch('compare.html').then(() => 'reached', () => 'refused')") == "refused"
    assert (
        page.value("""new Promise(resolve => { const script = document.createElement('script');
        script.textContent = 'window.hacked = 1'; document.body.append(script); resolve(window.hacked); })""")
        is None
    )
    assert len(page.said) >= 2
    assert all("Content Security Policy" in said for said in page.said)
    page.said.clear()


def test_the_filter_narrows_and_its_state_stands_in_the_address(page: Browser, small: Small) -> None:
    page.open(url(small, "index.html"))
    assert page.value(SHOWN) == ["toy/measured"]  # it opens on what was measured, and looks for words in all tables
    assert page.value("document.getElementById('shown').textContent") == "1 of 3 tables: what was measured"
    choose(page, "q", "toy/r")
    assert page.value(SHOWN) == ["toy/runs"]
    choose(page, "q", "")
    assert (page.value(SHOWN), page.value("location.hash")) == (["toy/measured"], "")
    page.value("document.querySelector('header a[href=\"#all\"]').click()")
    assert page.value(SHOWN) == ["toy/measured", "toy/runs", "toy/planned"]
    choose(page, "status", "planned")
    assert page.value(SHOWN) == ["toy/planned"]
    assert page.value("document.getElementById('shown').textContent") == "1 of 3 tables"
    assert "status=planned" in page.value("location.hash")
    choose(page, "status", "")
    assert page.value("location.hash") == "#all"
    page.value("document.querySelector('#index th button').click()")
    assert page.value("location.hash") == "#sort=0+ascending&all"
    page.open(url(small, "index.html#sort=0+descending&all"))
    assert page.value(SHOWN) == ["toy/runs", "toy/planned", "toy/measured"]
    page.open(url(small, "index.html#all"))
    choose(page, "q", "PLAIN ten")
    assert page.value(SHOWN) == ["toy/runs"]
    assert len(page.value(FOUND)) == 1
    assert "ten" in page.value(FOUND)[0]
    choose(page, "q", "")
    assert page.value(FOUND) == []
    choose(page, "q", "PLAIN ten")
    page.open(url(small, "index.html#status=measured+at+paper+scale"))
    assert page.value(SHOWN) == ["toy/measured"]
    page.value("document.querySelector('button[type=reset]').click()")
    assert (
        page.value("new Promise(resolve => setTimeout(() => resolve(document.getElementById('shown').textContent)))")
        == "3 of 3 tables"
    )
    choose(page, "task", "density-2d")
    assert len(page.value(SHOWN)) == 3
    paper = page.value("document.querySelector('[name=paper]').options[2].value")
    page.value("document.querySelector('[name=paper]').selectedIndex = 2")
    page.value("document.querySelector('[name=paper]').dispatchEvent(new Event('input', {bubbles: true}))")
    assert paper.startswith("planned ")
    assert page.value(SHOWN) == ["toy/planned"]


def test_a_found_row_is_a_link_to_its_place(page: Browser, small: Small) -> None:
    page.open(url(small, "index.html#q=toy/measured"))
    assert page.value(FOUND) == [], "a word of the table alone finds no row"
    page.open(url(small, "index.html#q=minus"))
    page.open(page.value("document.querySelector('.places li:not([hidden]) a').href"))
    assert "minus" in page.value("document.querySelector(':target').textContent")


def becomes(page: Browser, true: str) -> bool:
    """Whether an expression turns true within ten seconds: events of scrolling and of sizes come with a later frame."""
    return any(page.value(f"new Promise(resolve => setTimeout(() => resolve({true}), 50))") is True for _ in range(200))


def test_heads_stick_and_a_wide_table_says_where_it_goes_on(page: Browser, small: Small) -> None:
    page.show_as(width=360)
    page.open(url(small, "tables/toy/measured.html"))
    cue, box = "document.querySelector('.cue')", "document.querySelector('.scroll')"
    assert page.value(f"{cue}.checkVisibility()") is True
    assert becomes(page, f"{box}.classList.contains('more-right') && !{box}.classList.contains('more-left')")
    page.value(f"{box}.scrollLeft = 1e6")
    assert becomes(page, f"{box}.classList.contains('more-left') && !{box}.classList.contains('more-right')")
    assert page.value("getComputedStyle(document.querySelector('.main thead th')).position") == "sticky"
    page.show_as(width=1500)
    page.open(url(small, "index.html#all"))
    assert page.value(f"{cue}.checkVisibility()") is False
    page.value("document.body.style.minHeight = '5000px'; window.scrollTo(0, 1e6)")
    top = page.value("document.querySelector('#index thead th').getBoundingClientRect().top")
    foot = page.value("document.querySelector('#index').getBoundingClientRect().bottom")
    assert top >= min(0, foot - 200), "the heads have left the window before their table"


def test_the_keyboard_alone_searches_and_sorts(page: Browser, small: Small) -> None:
    page.open(url(small, "index.html"))
    page.press("Tab")
    assert page.value("document.activeElement.className") == "skip"
    page.press("Enter")
    page.press("Tab")
    assert page.value("document.activeElement.name") == "q"
    page.write("toy/r")
    assert page.value(SHOWN) == ["toy/runs"]
    page.value(
        "document.activeElement.value = ''; document.activeElement.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    page.press("Tab", 6)
    assert page.value("document.activeElement.textContent") == "Table"
    orders = []
    for _ in range(3):
        page.press("Enter")
        orders.append((page.value("document.querySelector('#index th').ariaSort"), page.value(ORDER)[0]))
    assert orders == [("ascending", "toy/measured"), ("descending", "toy/runs"), ("none", "toy/measured")]
    assert page.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize(
    ("column", "order", "names"),
    [(1, 1, ["minus", "two", "ten"]), (1, 2, ["ten", "two", "minus"]), (1, 3, ["ten", "two", "minus"]),
     (2, 1, ["ten", "minus", "two"]), (2, 2, ["minus", "ten", "two"])],
)  # fmt: skip
def test_a_table_sorts_by_its_numbers_below_the_heading_of_each_group_and_what_is_empty_is_last(
    page: Browser, small: Small, column: int, order: int, names: list[str]
) -> None:
    page.open(url(small, "tables/toy/planned.html"))
    button = f"document.querySelectorAll('.main thead tr > *')[{column}].querySelector('button')"
    for _ in range(order):
        page.value(f"{button}.click()")
    heading, *rows = page.value(OF_GROUP)
    assert heading.startswith("</script>")
    assert rows == names


def test_a_measured_table_sorts_by_what_was_measured(page: Browser, small: Small) -> None:
    page.open(url(small, "tables/toy/measured.html"))
    page.value("document.querySelector('.main thead button').click()")
    _, *rows = page.value(OF_GROUP)
    assert rows == ["minus", "two", "ten"]  # printed -0.5 where nothing was measured, then 4 and 20.9
    page.value("document.querySelector('.main thead button').click()")
    assert page.value(OF_GROUP)[1:] == ["ten", "two", "minus"]


def test_two_runs_are_compared_and_the_choice_stands_in_the_address(page: Browser, small: Small) -> None:
    runs = [run for run in small.site.runs if run.record.profile == "paper" and run.record.status == "ok"]
    first, second = runs[0].record.key, runs[-1].record.key
    page.open(url(small, "compare.html"))
    assert page.value("document.getElementById('said').textContent") == "Choose two runs."
    choose(page, "a", first)
    choose(page, "b", second)
    assert page.value("location.hash") == f"#a={first}&b={second}"

    def lines() -> Any:
        return page.value("""[...document.querySelectorAll('#result .versus')].slice(0, 2).map(table =>
            [...table.tBodies[0].rows].map(row => [...row.cells].slice(2).map(cell => cell.textContent)))""")

    measured, parameters = lines()
    a, b = (run.record.measured["loss"].value for run in (runs[0], runs[-1]))
    assert [text.strip("\u2007") for text in measured[0]] == [repr(a), repr(b), f"{b - a:+.4g}".replace("-", "−")]
    assert len({text.index(".") for line in measured for text in line[:1]}) == 1
    assert parameters[1] == ["0.1", "0.2"]
    assert page.value("document.querySelectorAll('#result svg polyline').length") == 2
    page.value("document.querySelector('[name=different]').click()")
    assert lines()[1] == [["0.1", "0.2"]], "what is the same is still shown"
    page.value("document.getElementById('swap').click()")
    assert page.value("location.hash").startswith(f"#a={second}&b={first}")


@pytest.mark.parametrize("name", ["index.html", "compare.html", "tables/toy/measured.html", "RUN"])
def test_a_phone_scrolls_tables_and_never_the_page(page: Browser, small: Small, name: str) -> None:
    page.show_as(width=360)
    page.open(url(small, small.site.runs[0].file if name == "RUN" else name))
    if name == "compare.html":
        choose(page, "a", small.site.runs[0].record.key)
        choose(page, "b", small.site.runs[1].record.key)
    assert page.value("document.documentElement.scrollWidth") <= 360


CONTRAST = """(() => {
  const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map(v => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const behind = node => { for (let n = node; n; n = n.parentElement) {
    const found = numbers(getComputedStyle(n).backgroundColor);
    if (found.length === 3 || found[3] > 0) return found; } };
  let worst = [99, ""];
  for (const node of document.querySelectorAll("body *")) {
    if (![...node.childNodes].some(child => child.nodeType === 3 && child.data.trim())) continue;
    if (!node.checkVisibility() || node.closest("svg, script")) continue;
    const [a, b] = [light(numbers(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, node.outerHTML.slice(0, 120)];
  }
  return worst;
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "compare.html", "tables/toy/measured.html", "RUN"])
def test_every_text_has_the_contrast_of_wcag_aa(page: Browser, small: Small, name: str, dark: bool) -> None:
    page.show_as(dark=dark)
    page.open(url(small, small.site.runs[0].file if name == "RUN" else name))
    if name == "compare.html":
        choose(page, "a", small.site.runs[0].record.key)
        choose(page, "b", small.site.runs[1].record.key)
    ratio, element = page.value(CONTRAST)
    assert ratio >= 4.5, element
    paper = page.value("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") is not dark


def test_on_paper_there_are_no_controls_and_no_boxes_that_scroll(page: Browser, small: Small) -> None:
    page.show_as(media="print")
    page.open(url(small, "index.html"))
    assert page.value("document.getElementById('filter').checkVisibility()") is False
    page.open(url(small, "tables/toy/measured.html"))
    assert page.value("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    page.open(url(small, small.site.runs[0].file))
    assert page.value("getComputedStyle(document.querySelector('.log')).maxHeight") == "none"


def test_without_javascript_every_table_is_there(page: Browser, small: Small) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(url(small, "index.html"))
        assert page.value("document.querySelectorAll('#index tbody tr:not([hidden])').length") == 3
        assert page.value("document.getElementById('filter').checkVisibility()") is False
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)


def test_a_link_to_a_cell_leads_from_the_table_to_its_runs(page: Browser, small: Small, tmp_path: Path) -> None:
    page.open(url(small, "tables/toy/measured.html"))
    page.value("document.querySelector('.main a.found').click()")
    assert page.value("location.hash").startswith("#cell-1-1-")
    first = page.value("document.querySelector('#rows tbody td:last-child a').href")
    page.open(first)
    assert page.value("document.querySelector('.kicker').textContent") in {run.record.key for run in small.site.runs}
