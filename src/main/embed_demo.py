"""Carries the demonstration's files in the program: embed_demo.py OUTPUT DEPFILE ROOT EDITION…

Writes a C file that takes them in by the assembler. An item is named by its edition's turn and its own name, so
that in the order of names one edition comes after the other: translations behind what they translate. Of
standing pages all first versions (pages/v1) come before all second ones."""
import os
import sys

output, depfile, root, editions = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
files = []


def add(prefix, *folders):
    folder = os.path.join(root, *folders)
    for name in sorted(os.listdir(folder)):
        if not os.path.isdir(os.path.join(folder, name)) and (name.endswith(".md") or folders == ("pictures",)):
            files.append((prefix + name, os.path.join(folder, name)))


for turn, edition in enumerate(editions, 1):
    add("pages/1-%d-%s-" % (turn, edition), edition, "pages", "v1")
    add("pages/2-%d-%s-" % (turn, edition), edition, "pages")
    add("stories/%d-%s-" % (turn, edition), edition)
add("stories/pictures/", "pictures")
with open(depfile, "w") as out:
    out.write("%s: %s\n" % (output, " ".join(path for _, path in files)))
with open(output, "w") as out:
    out.write('#include "main/demo.h"\n\n')
    for number, (name, path) in enumerate(files):
        out.write('__asm__(".section .rodata\\n.balign 16\\ndemo_%d_begin:\\n.incbin \\"%s\\"\\n'
                  'demo_%d_end:\\n.byte 0\\n.previous\\n");\n' % (number, path, number))
        for edge in "begin", "end":
            out.write('extern const char demo_%d_%s[] __attribute__((visibility("hidden")));\n' % (number, edge))
    out.write("\nconst struct demo_file demo_files[] = {\n")
    for number, (name, path) in enumerate(files):
        out.write('    {"%s", demo_%d_begin, demo_%d_end},\n' % (name, number, number))
    out.write("};\nconst size_t demo_file_count = %d;\n" % len(files))
