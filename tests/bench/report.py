# SPDX-License-Identifier: GPL-2.0-only
"""Tables of what was measured, for the terminal and for Documentation/performance.md."""

HEADS = ("what", "", "against", "baseline", "portres", "difference", "bound", "")
NUMBERS = (3, 4, 5, 6)
BEGIN, END = "<!-- begin of what make bench writes -->", "<!-- end of what make bench writes -->"
CALLS = ("binds", "connects")
THREADS = (1, 2, 4)


def cells(row):
    """A row as text."""
    return (row.what, row.family, row.against, f"{row.baseline:,}", f"{row.ours:,}", row.difference,
            row.bound, "met" if row.met else "NOT MET")


def as_text(kernel, rows):
    """A table for the terminal."""
    table = [HEADS] + [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in table) for i in range(len(HEADS))]
    out = ["", f"Linux {kernel}"]
    for line in table:
        out.append("  ".join(text.rjust(width) if i in NUMBERS else text.ljust(width)
                             for i, (text, width) in enumerate(zip(line, widths))).rstrip())
    return "\n".join(out)


def as_markdown(rows):
    """A table for the file, in Markdown."""
    out = ["| " + " | ".join(HEADS) + " |",
           "| " + " | ".join("--:" if i in NUMBERS else "---" for i in range(len(HEADS))) + " |"]
    return "\n".join(out + ["| " + " | ".join(cells(row)) + " |" for row in rows])


def ratios(parallel):
    """Calls per second with the module, for each number of threads, by those without."""
    def rate(call, threads, variant):
        return parallel[f"{call}-{threads}", "v4", variant].median

    for call in CALLS:
        for threads in THREADS:
            none = rate(call, threads, "none")
            yield (call, threads, rate(call, threads, "idle") / none,
                   rate(call, threads, "here") / none)


def parallel_as_text(parallel):
    """One line for each number of threads."""
    return "\n".join(f"{threads} threads: {idle:.2f} of the {call} per second without the module, "
                     f"{here:.2f} with 1,000 reservations"
                     for call, threads, idle, here in ratios(parallel))


def refresh(path, kernels, tables):
    """Puts the tables between the two markers of a file."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    parts = [BEGIN]
    for kernel, table in tables.items():
        parts += [f"## Linux {kernel}", as_markdown(table.rows)]
    parts += ["## Several CPUs",
              "UDP binds and TCP connects per second, as a part of those without the module:",
              "| kernel | calls | threads | nothing reserved | 1,000 reservations |\n"
              "| --- | --- | --: | --: | --: |\n"
              + "\n".join(f"| {kernel} | {call} | {threads} | {idle:.2f} | {here:.2f} |"
                          for kernel, (_, parallel) in kernels.items()
                          for call, threads, idle, here in ratios(parallel))]
    path.write_text(before + "\n\n".join(parts + [END]) + after, encoding="utf-8")
