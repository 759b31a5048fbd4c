"""The palette: people, companies, pages and commands in one box."""

from django.shortcuts import render

from regulars.web import navigation


def palette(request):
    text = request.GET.get("q", "").strip()
    pages = [
        {"word": link.word, "url": link.url, "icon": step.icon}
        for step in navigation.LOOP
        for link in step.shown
        if text.lower() in str(link.word).lower()
    ]
    return render(request, "search/palette.html", {"text": text, "pages": pages})
