"""The output of the script, split into its sections."""

from __future__ import annotations


def split_output(text: str, mark: str) -> dict[str, str]:
    r"""Return the sections of the output by their titles; the last one, "end", shows that the script ran to its end.

    >>> split_output("# version\nServer version: Apache/2.4.71\n# result 0\n# end\n", "#")
    {'version': 'Server version: Apache/2.4.71', 'result 0': '', 'end': ''}
    """
    sections = (section.partition("\n") for section in f"\n{text}".split(f"\n{mark} ")[1:])
    output = {title: body.strip("\n") for title, _, body in sections}
    if "run" in output and "result 0" in output:  # its order differs from run to run
        output["run"] = "\n".join(sorted(output["run"].split("\n")))
    return output
