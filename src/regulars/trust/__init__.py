"""Trust: the pure rules everybody asks before touching a person."""
