"""What is typed into a comment."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from verify.review.comments import LONGEST
from verify.web.forms.catalog import wide


class CommentForm(forms.Form):
    text = forms.CharField(label=_("Comment"), max_length=LONGEST, widget=wide())
