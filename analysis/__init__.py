"""The study: England's 42 integrated care systems and health inequalities. What serves any study is `compendium`."""
