"""Asana keeps the contract, asks for no more than it may, and is complete or loud."""

from __future__ import annotations

from tests.connectors.contract import ContractSuite


class TestAsana(ContractSuite):
    """The contract, against the stand-in."""
