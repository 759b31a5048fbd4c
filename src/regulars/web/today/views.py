"""Today: what should I do now?"""

from django.shortcuts import render

from regulars.web.today import queries


def today(request):
    return render(request, "today/today.html", {"page": queries.waiting()})
