"""Templates that speak: compiled once for each language, with its sentences in them.

A day of sixty drafts says a thousand sentences, and to look each up while the page is made takes as long as
all the rest of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import NullTranslations
from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

from daybook.languages import Language, _, spoken

_PLACE = re.compile(r"%\((\w+)\)s")


class Speaking(Environment):
    """An environment in which {% trans %} and _() are in one language; `language()` is what is spoken."""

    def __init__(self, language: Language, **options: Any) -> None:
        super().__init__(extensions=["jinja2.ext.i18n"], **options)
        texts = self._texts = language.texts
        self.policies["ext.i18n.trimmed"] = True
        self.install_gettext_callables(  # type: ignore[attr-defined]
            texts.gettext, texts.ngettext, newstyle=True, pgettext=texts.pgettext, npgettext=texts.npgettext
        )
        self.globals["language"] = spoken
        self.filters["said"] = _

    def _generate(self, source: nodes.Template, *named: Any, **more: Any) -> str:
        return super()._generate(_Said(self._texts).visit(source), *named, **more)


class _Said(NodeTransformer):
    """Puts sentences in the place of what looks them up; those that count are looked up when it is known."""

    def __init__(self, texts: NullTranslations) -> None:
        self._texts = texts

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        sentence = _sentence(node)
        if sentence is None or node.kwargs:
            return node
        return nodes.MarkSafe(nodes.Const(self._texts.gettext(sentence) % {}), lineno=node.lineno)

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.nodes = [part for one in node.nodes for part in self._parts(one)]
        return node

    def _parts(self, node: nodes.Expr) -> Iterator[nodes.Expr]:
        """A sentence around what fills its places, piece by piece."""
        sentence = _sentence(node)
        if sentence is None:
            yield node
            return
        assert isinstance(node, nodes.Call), "it is a sentence"
        filling = {one.key: one.value for one in node.kwargs}
        for number, piece in enumerate(_PLACE.split(self._texts.gettext(sentence))):
            yield filling[piece] if number % 2 else nodes.TemplateData(piece % {}, lineno=node.lineno)


def _sentence(node: nodes.Node) -> str | None:
    match node:
        case nodes.Call(
            node=nodes.Name(name="_" | "gettext"), args=[nodes.Const(value=str(sentence))], dyn_args=None
        ):
            return sentence
    return None
