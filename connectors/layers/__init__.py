"""Layers: each is a connector around a connector, and keeps the same contract.

Outermost first, as the program stacks them:

    Logged             one line when a source goes away, one when it is back
      Retrying         the same call again, where it certainly did not happen
        Pacing         the whole connection rests when its tool is too busy
          PolicyFiltered   what the policy does not name goes no further
            DryRun     nothing is written
"""

from connectors.layers.dry import DryRun
from connectors.layers.filtered import PolicyFiltered
from connectors.layers.logged import Logged
from connectors.layers.pacing import Pacing
from connectors.layers.retrying import Retrying

__all__ = ["DryRun", "Logged", "Pacing", "PolicyFiltered", "Retrying"]
