"""Writes the theme's files into a C table: embed.py OUTPUT ROOT FILE…; names are relative to ROOT."""
import os
import sys

output, root, files = sys.argv[1], sys.argv[2], sys.argv[3:]
with open(output, "w", encoding="ascii") as out:
    out.write('#include "render/theme.h"\n\n')
    for number, path in enumerate(files):
        with open(path, "rb") as file:
            data = file.read()
        out.write("static const char file_%d[] = {" % number)
        for at, byte in enumerate(data):
            out.write("%s%d," % ("" if at % 24 else "\n", byte - 256 if byte > 127 else byte))
        out.write("\n};\n")
    out.write("\nconst struct render_file theme_files[] = {\n")
    for number, path in enumerate(files):
        name = os.path.relpath(path, root)
        out.write('    {{"%s", %d}, {file_%d, sizeof file_%d}},\n' % (name, len(name), number, number))
    out.write("};\nconst size_t theme_file_count = %d;\n" % len(files))
