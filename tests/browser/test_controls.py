"""Every control, by mouse and by keyboard: what it changes, and the link that restores it."""

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

SELECTS = {  # id: what to choose, what the link then says
    "region": ("Hallingdal", "Hallingdal"),
    "part": ("bachelor: ICT\xa0*", "education.bachelor:ict"),
    "scenario": ("Growth", "growth"),
    "a": ("Fewer outside", "less_exclusion"),
    "b": ("Growth", "growth"),
}
RADIOS = {"level": "95", "split": "field", "lang": "nb"}


def chosen(page: Page) -> dict[str, str]:
    """State in the link."""
    link = page.evaluate("decodeURIComponent(location.hash)").removeprefix("#")
    return {name: words[-1] for name, words in parse_qs(link, keep_blank_values=True).items()}


def shown(page: Page) -> str:
    """All that the page says and draws."""
    return page.locator("main").evaluate("node => node.innerHTML")


def reach(page: Page, selector: str) -> None:
    """Move the focus by the Tab key alone until it is on `selector`."""
    page.evaluate("document.activeElement.blur()")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab never reached {selector}")


@pytest.mark.parametrize("name", SELECTS)
def test_lists_by_mouse(visitor, name) -> None:
    page = visitor.open()
    before = shown(page)
    page.select_option(f"#{name}", label=SELECTS[name][0])
    assert chosen(page)[name] == SELECTS[name][1]
    assert shown(page) != before


@pytest.mark.parametrize("name", SELECTS)
def test_lists_by_keyboard(visitor, name) -> None:
    page = visitor.open("a=less_exclusion&b=growth")
    before, value = shown(page), page.locator(f"#{name}").input_value()
    reach(page, f"#{name}")
    page.keyboard.press("ArrowUp" if name in ("a", "b") else "ArrowDown")
    assert page.locator(f"#{name}").input_value() != value
    assert page.evaluate("document.activeElement.id") == name
    assert shown(page) != before


@pytest.mark.parametrize("name", RADIOS)
@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_choices(visitor, name, by) -> None:
    page = visitor.open()
    before = shown(page)
    if by == "mouse":
        page.locator(f"input[name={name}][value='{RADIOS[name]}']").click()
    else:
        reach(page, f"input[name={name}]")
        page.keyboard.press("ArrowUp" if name == "lang" else "ArrowRight")
    assert chosen(page)[name] == RADIOS[name]
    assert shown(page) != before


def test_year_by_keyboard_and_mouse(visitor) -> None:
    page = visitor.open()
    reach(page, "#year")
    page.keyboard.press("ArrowLeft")
    assert chosen(page)["year"] == "2029"
    expect(page.locator("#answer")).to_contain_text("In 2029")
    expect(page.locator("#yearNow")).to_have_text("2029")
    assert page.locator("#year").get_attribute("aria-valuetext") == "2029"
    box = page.locator("#year").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert chosen(page)["year"] == "2027"


def test_threshold_by_slider_and_number(visitor) -> None:
    page = visitor.open()
    expect(page.locator("#dots .headline")).not_to_contain_text("at least")
    reach(page, "#least")
    page.keyboard.press("ArrowRight")
    step = int(page.locator("#least").get_attribute("step"))
    assert chosen(page)["least"] == str(step)
    expect(page.locator("#leastBox")).to_have_value(str(step))
    reach(page, "#leastBox")
    page.keyboard.press("Control+a")
    page.keyboard.type("1234")
    assert chosen(page)["least"] == "1234"
    expect(page.locator("#dots .headline")).to_contain_text("at least 1 234 people")
    box = page.locator("#least").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 9, box["y"] + box["height"] / 2)
    most = page.locator("#least").get_attribute("max")
    assert chosen(page)["least"] == most


@pytest.mark.parametrize("typed", ["", "-5", "1e99", "2.5"])
def test_a_number_that_is_none_does_no_harm(visitor, typed) -> None:
    page = visitor.open("least=10")
    page.evaluate(
        "t => { const b = document.getElementById('leastBox'); b.value = t;"
        " b.dispatchEvent(new Event('input')); }",
        typed,
    )
    assert 0 <= int(chosen(page)["least"]) <= 9_999_999


def test_tiles_by_mouse_and_keyboard(visitor) -> None:
    page = visitor.open()
    page.locator(".tile", has_text="Hallingdal").click()
    assert chosen(page)["region"] == "Hallingdal"
    expect(page.locator(".tile[aria-pressed=true]")).to_contain_text("Hallingdal")
    reach(page, ".tile[data-region='0']")
    page.keyboard.press("Enter")
    assert chosen(page)["region"] == "Drammensregionen"
    assert page.evaluate("document.activeElement.matches('.tile[aria-pressed=true]')")


def test_tables_open_by_keyboard(visitor) -> None:
    page = visitor.open()
    for name in ("fan", "dots", "groups", "map", "first", "compare"):
        expect(page.locator(f"#{name} table")).not_to_be_visible()
        reach(page, f"#{name} summary")
        page.keyboard.press("Enter")
        expect(page.locator(f"#{name} table")).to_be_visible()


def test_csv_is_saved_by_keyboard(visitor) -> None:
    page = visitor.open()
    reach(page, "#fan summary")
    page.keyboard.press("Enter")
    reach(page, "button[data-csv=fan]")
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    assert saved.value.suggested_filename.endswith("_fan.csv")


def test_link_is_copied_and_restores_what_is_seen(visitor) -> None:
    page = visitor.open()
    page.select_option("#region", label="Buskerud")
    page.select_option("#scenario", label="Fewer outside")
    page.select_option("#part", label="bachelor: health and care")
    page.locator("input[name=level][value='50']").click()
    page.locator("input[name=split][value=education]").click()
    page.locator("#leastBox").fill("250")
    page.locator("#copy").click()
    expect(page.locator("#copied")).to_contain_text("link")
    link, before = page.url, shown(page)
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector("body[data-ready=yes]", state="attached")
    assert shown(page) == before
    controls = {"region": "4", "scenario": "less_exclusion", "leastBox": "250"}
    for name, value in controls.items():
        expect(page.locator(f"#{name}")).to_have_value(value)


def test_links_by_hand_are_followed_while_open(visitor) -> None:
    page = visitor.open()
    page.evaluate("location.hash = '#region=Hallingdal&lang=nb'")
    expect(page.locator("#answer")).to_contain_text("Hallingdal")
    expect(page.locator("html")).to_have_attribute("lang", "nb")


@pytest.mark.parametrize(
    "link", ["region=Atlantis&year=soon&part=x&scenario=__proto__&level=7&a=&least=-3", "%", "&&=&"]
)
def test_links_that_mean_nothing_leave_the_first_view(visitor, link) -> None:
    page = visitor.open()
    first = shown(page)
    assert shown(visitor.open(link)) == first


def test_a_scenario_has_its_published_years_only(visitor) -> None:
    page = visitor.open("year=2028&scenario=growth")
    assert page.locator("#yearNow").inner_text() == "2030"
    reach(page, "#year")
    page.keyboard.press("ArrowLeft")
    assert chosen(page)["year"] == "2025"
    expect(page.locator("#fan .note")).to_contain_text("every fifth")


def test_a_scenario_against_itself_asks_for_another(visitor) -> None:
    page = visitor.open("a=growth&b=growth")
    expect(page.locator("#compare .headline")).to_contain_text("two different")
    expect(page.locator("#compare svg")).to_have_count(0)


def test_print_is_offered(visitor) -> None:
    page = visitor.open()
    page.evaluate("window.print = () => { document.body.dataset.printed = 'yes'; }")
    page.locator("#print").click()
    expect(page.locator("body")).to_have_attribute("data-printed", "yes")
