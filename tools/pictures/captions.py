"""captions.txt, and how its words get into a picture: as IPTC-IIM and as XMP, written by exiv2."""
import subprocess
import sys
import tempfile
from pathlib import Path

NEEDED = ('headline', 'caption', 'alt', 'date')
FIELDS = NEEDED + ('by', 'credit', 'copyright', 'city', 'country', 'code', 'place', 'gps', 'keywords', 'terms', 'expires')


def fail(text):
    sys.exit(f'make: captions.txt: {text}')


def read(path):
    """Blocks of `field: text` under a line with the picture's name; the first block, `*`, holds what all share."""
    known, name = {}, None
    for number, line in enumerate(path.read_text('utf-8').splitlines(), 1):
        if not line.strip() or line.startswith('#'):
            continue
        if line[0].isspace():
            if name is None:
                fail(f'line {number}: a field before the first name')
            field, colon, text = line.strip().partition(': ')
            if field not in FIELDS or not colon:
                fail(f'line {number}: not a field: {line.strip()}')
            known[name][field] = text
        else:
            name = line.strip()
            if name in known:
                fail(f'line {number}: "{name}" a second time')
            known[name] = dict(known.get('*', {}))
    known.pop('*', None)
    for name, fields in known.items():
        for field in NEEDED:
            if field not in fields:
                fail(f'{name}: no {field}')
    return known


def commands(f):
    """What exiv2 is to do. IPTC-IIM says that it is UTF-8; dates there have no hyphens."""
    iptc = {'CountryName': f['country'], 'CountryCode': f['code'], 'City': f['city'], 'Headline': f['headline'], 'Caption': f['caption'],
            'Byline': f['by'], 'Credit': f['credit'], 'Copyright': f['copyright'], 'DateCreated': f['date'], 'ObjectName': f['headline'][:64]}
    if 'place' in f:
        iptc['SubLocation'] = f['place']
    if 'expires' in f:
        iptc['ExpirationDate'] = f['expires']
    out = ['set Iptc.Envelope.CharacterSet "\x1b%G"']
    out += [f'set Iptc.Application2.{tag} {text}' for tag, text in iptc.items()]
    out += [f'add Iptc.Application2.Keywords {word}' for word in f.get('keywords', '').split(', ') if word]
    xmp = {'photoshop.Headline': f['headline'], 'photoshop.Credit': f['credit'], 'photoshop.City': f['city'], 'photoshop.Country': f['country'],
           'iptc.CountryCode': f['code'], 'photoshop.DateCreated': f['date']}
    if 'place' in f:
        xmp['iptc.Location'] = f['place']
    if 'expires' in f:
        xmp['plus.LicenseEndDate'] = f['expires']
    out += [f'set Xmp.{tag} XmpText {text}' for tag, text in xmp.items()]
    out += [f'set Xmp.dc.creator XmpSeq {f["by"]}']
    if 'keywords' in f:
        out += [f'set Xmp.dc.subject XmpBag {word}' for word in f['keywords'].split(', ')]
    for tag, text in (('dc.description', f['caption']), ('dc.rights', f['copyright']), ('dc.title', f['headline'])):
        out += [f'set Xmp.{tag} LangAlt lang="x-default" {text}']
    if 'terms' in f:
        out += [f'set Xmp.xmpRights.UsageTerms LangAlt lang="x-default" {f["terms"]}']
    out += [f'set Xmp.iptc.AltTextAccessibility LangAlt lang="x-default" {f["alt"]}']
    if 'gps' in f:
        out += gps(*(float(n) for n in f['gps'].split()))
    return out


def gps(latitude, longitude):
    def degrees(n):
        seconds = round(abs(n) * 3600 * 100)
        return f'{seconds // 360000}/1 {seconds // 6000 % 60}/1 {seconds % 6000}/100'
    return ['set Exif.GPSInfo.GPSVersionID Byte 2 3 0 0',
            f'set Exif.GPSInfo.GPSLatitudeRef Ascii {"N" if latitude >= 0 else "S"}', f'set Exif.GPSInfo.GPSLatitude Rational {degrees(latitude)}',
            f'set Exif.GPSInfo.GPSLongitudeRef Ascii {"E" if longitude >= 0 else "W"}', f'set Exif.GPSInfo.GPSLongitude Rational {degrees(longitude)}']


def write(jpeg, fields):
    """The same picture with exactly these words in it: whatever was there goes first."""
    with tempfile.TemporaryDirectory() as folder:
        path, words = Path(folder) / 'picture.jpg', Path(folder) / 'words'
        path.write_bytes(jpeg)
        words.write_text('\n'.join(commands(fields)) + '\n', 'utf-8')
        for command in (['exiv2', '-da', str(path)], ['exiv2', '-m', str(words), str(path)]):
            ran = subprocess.run(command, capture_output=True, text=True)
            if ran.returncode or ran.stderr:
                sys.exit(f'make: {" ".join(command)}: {ran.stderr}')
        return path.read_bytes()
