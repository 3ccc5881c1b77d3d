"""The words of the register's codes, in Swedish and English (domain.md 5, 11.2)."""

from collections.abc import Mapping

Words = Mapping[str, tuple[str, str]]
"""Swedish and English by code."""


def word(words: Words, key: str, language: str) -> str:
    """The words of the code in the language; the code itself where it has none."""
    return words[key][language == "en"] if key in words else key


STANDINGS: Words = {
    "draft": ("Utkast", "Draft"),
    "coming": ("Gäller senare", "Not yet in force"),
    "in_force": ("Gäller", "In force"),
    "expired": ("Har löpt ut", "Expired"),
    "nobody": ("ingen på plats i dag", "nobody there today"),
}
ADOPTIONS: Words = {
    "in_force": ("Antagen", "Adopted"),
    "pending": ("Inväntar beslut", "Awaiting decision"),
    "rejected": ("Avslagen", "Rejected"),
    "lapsed": ("Förfallen", "Lapsed"),
    "superseded": ("Ersatt", "Superseded"),
    "expired": ("Utgången", "Expired"),
}
CLASSES: Words = {
    "editorial": ("Redaktionell ändring", "Editorial change"),
    "material": ("Ändring i sak", "Material change"),
}
ROLES: Words = {
    "owner": ("Äger överenskommelsen", "Owns the agreement"),
    "deciding": ("Beslutar om ändringar", "Decides on changes"),
    "coordinating": ("Följer upp och samordnar", "Follows up and coordinates"),
    "deviations": ("Lämnar avvikelser varje år", "Delivers deviations each year"),
    "recommending": ("Rekommenderar parterna", "Recommends to the parties"),
    "local_group": ("Lokal grupp", "Local group"),
}
SECTORS: Words = {
    "social": ("socialtjänst", "social services"),
    "school": ("förskola och skola", "preschool and school"),
    "health": ("hälso- och sjukvård", "health care"),
    "dental": ("tandvård", "dental care"),
}
SETTINGS: Words = {
    "entry_rule": ("När den träder i kraft", "When it enters into force"),
    "conditional_on_all": ("Villkorade beslut", "Conditional decisions"),
    "party_decider": ("Vem som beslutar hos parterna", "Who decides in the parties"),
    "response_deadline": ("Sista dag för svar", "Last day for answers"),
    "deviation_system": ("Avvikelsesystem", "Deviation system"),
    "escalation_text": ("Så lyfts en oenighet", "How a disagreement is lifted"),
    "editorial_changes": ("Redaktionella ändringar", "Editorial changes"),
    "companion_docs": ("Hör ihop med", "Belongs with"),
    "cofinancing_rule": ("Kostnader", "Costs"),
    "published_at": ("Publicerad", "Published"),
    "retention_exempt": ("Gallring", "Disposal of records"),
    "minority_languages": ("Minoritetsspråk", "Minority languages"),
}
BANNERS: Words = {
    "expired": (
        "Överenskommelsen har löpt ut. Ärendet fortsätter enligt dess text som praxis.",
        "The agreement has expired. The case goes on by its text as practice.",
    ),
    "none": (
        "Ingen giltig överenskommelse: lagen gäller, och den senaste texten är praxis.",
        "No valid agreement: the law applies, and the latest text is practice.",
    ),
}
