#!/usr/bin/env python3
"""bench/stories.py DIR FIRST COUNT [WORDS]: generated stories as story.md, the same for the same numbers: 900 words (or WORDS) by
Zipf's law, six tags out of 2,000, a section."""
import os, random, sys

folder, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
length = int(sys.argv[4]) if len(sys.argv) > 4 else 900
os.makedirs(folder, exist_ok=True)
rng = random.Random(7)
syllables = "ba be bi bo da de di do fa fe fo ga go ha he ka ke ki la le li lo ma me mi mo na ne no pa pe ra re ri ro sa se si so ta te ti to va ve wa we".split()
words = ["".join(rng.choice(syllables) for _ in range(rng.randint(1, 4))) for _ in range(12000)]
weights = [1 / (i + 10) for i in range(len(words))]
sections = ["City", "World", "Business", "Science", "Culture", "Sport"]
for number in range(first, first + count):
    rng = random.Random(number)
    text = rng.choices(words, weights, k=length)
    paragraphs = [" ".join(text[i : i + 60]).capitalize() + "." for i in range(0, length, 60)]
    tags = ", ".join("Topic %d" % min(int(rng.paretovariate(0.7)), 2000) for _ in range(6))
    with open(os.path.join(folder, "%08d.md" % number), "w", encoding="utf-8") as f:
        f.write("---\nuri: urn:bench:%d\nheadline: Story %d of %s\nstandfirst: %s.\nbyline: Writer %d\ndateline: PORT AVERIL (BENCH)\n"
                "section: %s\ntags: [%s]\n---\n\n%s\n" % (number, number, " ".join(rng.choices(words, k=5)),
                " ".join(rng.choices(words, k=20)).capitalize(), number % 50, sections[number % 6], tags, "\n\n".join(paragraphs)))
