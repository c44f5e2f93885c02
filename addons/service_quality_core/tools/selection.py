"""Shows the codes that records keep, also those whose addon is gone."""


def with_codes(names, in_use):
    """Return a selection: what is known by its name, what is gone by its bare code.

    :param names: dict of code to label, or pairs of them, in their order
    :param in_use: codes that records have

    >>> with_codes({"b": "B", "a": "A"}, ("a", "gone", "gone"))
    [('b', 'B'), ('a', 'A'), ('gone', 'gone')]
    """
    known = dict(names)
    gone = [code for code in dict.fromkeys(in_use) if code not in known]
    return [*known.items(), *((code, code) for code in gone)]
