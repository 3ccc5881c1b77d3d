"""The browser of whoever is signed in, with what people do in it."""

from datetime import date, timedelta

from playwright.sync_api import Page, expect

from flowsvc import demo


class Desk:
    """The browser of whoever is signed in."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def sign_in(self, post: str) -> "Desk":
        self.page.context.clear_cookies()
        self.page.goto(self.address)
        self.page.fill("input[name=username]", post)
        self.page.fill("input[name=password]", demo.PASSWORD)
        self.page.press("input[name=password]", "Enter")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Mina uppgifter")
        return self

    def send(self, **values: str) -> None:
        """The form is filled in and sent; the receipt stands there."""
        self.fill(**values)
        self.page.locator("main button[value=send]").last.click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Tack, det är skickat")

    def fill(self, **values: str) -> None:
        """The form is filled in, question by question as they come."""
        for name, value in values.items():
            field = self.page.locator(f"main [name='{name}']").first
            kind = field.get_attribute("type")
            if kind == "radio":
                self.page.locator(f"main input[name='{name}'][value='{value}']").check()
            elif kind == "checkbox":
                field.check()
            elif field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def open_task(self, name: str, number: str) -> None:
        """The person's task of that name in the matter is on the screen."""
        for place in ("/tasks", "/tasks/group"):
            self.page.goto(f"{self.address}{place}?search={number}")
            found = self.page.locator("main").get_by_role("link", name=name)
            if found.count():
                found.first.click()
                expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)
                return
        raise AssertionError(f"{name} is in neither list")

    def today(self, *, days: int = 0) -> str:
        """The county's date, so many days on, as a form takes it."""
        shown = self.page.locator("time").first.get_attribute("datetime")
        assert shown is not None
        return (date.fromisoformat(shown[:10]) + timedelta(days=days)).isoformat()

    def move_clock(self, by: int) -> None:
        self.page.locator(f"button[name=by][value='{by}']").click()
        expect(self.page.locator("body")).to_contain_text("Demonstration")

    def open_matter(self, number: str) -> None:
        self.page.fill("#find", number)
        self.page.press("#find", "Enter")
        expect(self.page.locator("main")).to_contain_text("Det här har hänt")
