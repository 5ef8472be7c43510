"""The places that come with Verify: every country, Syria's governorates, the coast's districts and towns.

Countries are those with an ISO 3166-1 alpha-2 code, named as the CLDR names them (through Babel); Kosovo has a name
there but no ISO code. Governorates have their ISO 3166-2 codes and the spellings that the English-language press uses.
The ids are made from the names, so that they are the same on every installation.
"""

import uuid

from babel import Locale
from django.db import migrations

NAMESPACE = uuid.UUID("6d1c7c8e-0a63-5f0e-9a53-7f0f1b5b6a11")
# In the CLDR and not in ISO 3166-1: exceptionally reserved, user-assigned and pseudo codes.
NOT_ISO = frozenset("AC CP CQ DG EA EU EZ IC TA UN XA XB XK QO ZZ".split())

GOVERNORATES = {
    "SY-DI": ("Damascus", "دمشق"),
    "SY-RD": ("Rif Dimashq", "ريف دمشق"),
    "SY-HL": ("Aleppo", "حلب"),
    "SY-HI": ("Homs", "حمص"),
    "SY-HM": ("Hama", "حماة"),
    "SY-LA": ("Latakia", "اللاذقية"),
    "SY-TA": ("Tartus", "طرطوس"),
    "SY-ID": ("Idlib", "إدلب"),
    "SY-DR": ("Daraa", "درعا"),
    "SY-SU": ("As-Suwayda", "السويداء"),
    "SY-QU": ("Quneitra", "القنيطرة"),
    "SY-DY": ("Deir ez-Zor", "دير الزور"),
    "SY-HA": ("Al-Hasakah", "الحسكة"),
    "SY-RA": ("Raqqa", "الرقة"),
}
# Districts of which the seat has the same name: both come with Verify.
DISTRICTS = {
    "SY-LA": [("Latakia", "اللاذقية"), ("Jableh", "جبلة"), ("Al-Haffah", "الحفة"), ("Qardaha", "القرداحة")],
    "SY-TA": [
        ("Tartus", "طرطوس"),
        ("Baniyas", "بانياس"),
        ("Safita", "صافيتا"),
        ("Duraykish", "الدريكيش"),
        ("Sheikh Badr", "الشيخ بدر"),
        ("Al-Qadmus", "القدموس"),
    ],
    "SY-HM": [("Hama", "حماة"), ("Masyaf", "مصياف")],
    "SY-HI": [("Homs", "حمص")],
}


def ship(apps, schema_editor):
    """Safe to repeat: what is there already stays as it is."""
    place = apps.get_model("claims", "Place")
    rows = []

    def add(way, kind, name, name_ar, code="", parent=None):
        pk = uuid.uuid5(NAMESPACE, "/".join(way))
        rows.append(place(pk=pk, kind=kind, name=name, name_ar=name_ar, code=code, parent_id=parent))
        return pk

    english, arabic = Locale("en").territories, Locale("ar").territories
    countries = {}
    for code in sorted(english):
        if len(code) == 2 and code.isalpha() and code not in NOT_ISO:
            countries[code] = add((code,), "country", english[code], arabic[code], code)
    add(("XK",), "country", english["XK"], arabic["XK"])
    for code, (name, name_ar) in GOVERNORATES.items():
        pk = add((code,), "governorate", name, name_ar, code, countries["SY"])
        for district, district_ar in DISTRICTS.get(code, ()):
            below = add((code, district), "district", district, district_ar, parent=pk)
            add((code, district, district), "city", district, district_ar, parent=below)
    place.objects.bulk_create(rows, ignore_conflicts=True)


def take_back(apps, schema_editor):
    """Refused by the database while a figure, or a desk's own place, still points at one of them."""
    place = apps.get_model("claims", "Place")
    for kind in ("city", "district", "governorate", "country"):
        place.objects.filter(desk__isnull=True, kind=kind).delete()


class Migration(migrations.Migration):
    dependencies = [("claims", "0004_places_regions_history")]
    operations = [migrations.RunPython(ship, take_back)]
