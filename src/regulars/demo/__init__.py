"""The simulated company: facts whose truth is known, for a first look and for the tests."""

from regulars.demo.simulate import Company, advance, simulate, stream, unite
from regulars.demo.state import State, join_states, load_state, save_state

__all__ = ["Company", "State", "advance", "join_states", "load_state", "save_state", "simulate", "stream", "unite"]
