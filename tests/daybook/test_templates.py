"""Templates in a language say, to the byte, what looking each sentence up as it is shown would say."""

from __future__ import annotations

from gettext import NullTranslations

import pytest
from babel import Locale
from jinja2 import DictLoader, Environment

from core.sentences import ENGLISH
from daybook.languages import Language
from daybook.languages.templates import Speaking


class Backwards(NullTranslations):
    """A language in which places stand where they want."""

    said = {
        "Take it back": "Nimm <b>es</b> zurück",
        "Why?": "Warum?",
        "Confirm %(count)s of": "Von %(count)s",
        "half of it, 50%%": "50%% davon",
        "Confirm %(count)s of %(name)s": "Von %(name)s %(count)s bestätigen",
        "one draft": "ein Entwurf",
    }

    def gettext(self, message: str) -> str:
        return self.said.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


TEMPLATES = {
    "a sentence": "{{ _('Take it back') }}",
    "a block": "{% trans %}Take it back{% endtrans %}",
    "one of two": "{{ _('Why?') if asked else _('Take it back') }}",
    "a percent sign": "{{ _('half of it, 50%%') }}",
    "with places": "{% trans count=2, name=who %}Confirm {{ count }} of {{ name }}{% endtrans %}",
    "with places, called": "{{ _('Confirm %(count)s of %(name)s', count=2, name=who) }}",
    "counted": "{% trans count=many %}one draft{% pluralize %}{{ count }} drafts{% endtrans %}",
    "changed by a filter": "{{ _('Why?')|upper }}{{ _('Confirm %(count)s of', count=2)|upper }}",
    "in a macro": "{% macro one(name) %}{{ name }}: {{ _('Take it back') }}{% endmacro %}{{ one(who) }}",
}
SHOWN = {"who": "<script>", "asked": False, "many": 3}


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("texts", [NullTranslations(), Backwards()], ids=["english", "another"])
def test_a_template_says_what_looking_up_would_say(name: str, texts: NullTranslations):
    loader = DictLoader(TEMPLATES)
    looked_up = Environment(loader=loader, autoescape=True, extensions=["jinja2.ext.i18n"])
    looked_up.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]
    language = Language("xx", Locale("de"), texts, ENGLISH)
    speaking = Speaking(language, loader=loader, autoescape=True)
    assert speaking.get_template(name).render(SHOWN) == looked_up.get_template(name).render(SHOWN)


def test_nothing_is_looked_up_while_a_page_is_made(monkeypatch: pytest.MonkeyPatch):
    texts = Backwards()
    speaking = Speaking(
        Language("xx", Locale("de"), texts, ENGLISH), loader=DictLoader(TEMPLATES), autoescape=True
    )
    template = speaking.get_template("with places")
    monkeypatch.setattr(Backwards, "said", {})
    assert template.render(SHOWN) == "Von &lt;script&gt; 2 bestätigen"
