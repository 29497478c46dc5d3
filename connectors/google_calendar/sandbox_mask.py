"""Partial responses: what `fields=` lets through, as Google reads it.

The grammar is `a,b(c,d/e),f/*`: names by commas, `/` or brackets to go deeper,
`*` for every name. A name the answer could never have is a mistake (400); a
name this answer happens not to have is no mistake. What is not named is gone,
page tokens included.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Optional

Mask = dict[str, Optional["Mask"]]
"""Name -> what of it; None is all of it."""


@cache
def mask(text: str) -> Mask:
    """Raises ValueError, whose message is what Google quotes back."""
    tokens = re.findall(r"[(),/]|[^(),/]+", text)
    found = _names(tokens)
    if tokens or not found:
        raise ValueError(text)
    return found


def _names(tokens: list[str]) -> Mask:
    """Eat `path,path,...` from the front of `tokens`."""
    found: Mask = {}
    while True:
        name, below = _path(tokens)
        found[name] = _both(found[name], below) if name in found else below
        if not tokens or tokens[0] != ",":
            return found
        tokens.pop(0)


def _path(tokens: list[str]) -> tuple[str, Mask | None]:
    """Eat one `name`, `name/path` or `name(path,...)`."""
    if not tokens or not re.fullmatch(r"\*|\w+", tokens[0]):
        raise ValueError(tokens[0] if tokens else "")
    name = tokens.pop(0)
    if tokens[:1] == ["/"]:
        tokens.pop(0)
        return name, dict([_path(tokens)])
    if tokens[:1] == ["("]:
        tokens.pop(0)
        below = _names(tokens)
        if tokens[:1] != [")"]:
            raise ValueError(name)
        tokens.pop(0)
        return name, below
    return name, None


def _both(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return None
    merged = dict(one)
    for name, below in other.items():
        merged[name] = _both(merged[name], below) if name in merged else below
    return merged


def check(asked: Mask, known: Mask) -> None:
    """Raises ValueError with the first name that `known` could never have."""
    for name, below in asked.items():
        if name == "*":
            continue
        if name not in known and "*" not in known:
            raise ValueError(name)
        deeper = known.get(name, known.get("*"))
        if below is not None:
            check(below, deeper or {})


def masked(value: Any, asked: Mask | None) -> Any:
    """`value` with only what was asked for; an object left with nothing stays as an empty one."""
    if asked is None:
        return value
    if isinstance(value, list):
        return [masked(each, asked) for each in value]
    if not isinstance(value, dict):
        return value
    if "*" in asked:
        return {name: masked(each, asked.get(name, asked["*"])) for name, each in value.items()}
    return {name: masked(value[name], below) for name, below in asked.items() if name in value}


PERSON = "displayName,email,id,self"
WHEN = "date,dateTime,timeZone"
EVENT = mask(
    "anyoneCanAddSelf,attachments(fileId,fileUrl,iconLink,mimeType,title),"
    f"attendees({PERSON},additionalGuests,asyncOperation,comment,optional,organizer,resource,responseStatus),"
    "attendeesOmitted,birthdayProperties(contact,customTypeName,type),colorId,"
    "conferenceData(conferenceId,conferenceSolution(iconUri,key(type),name),"
    "createRequest(conferenceSolutionKey(type),requestId,status(statusCode)),"
    "entryPoints(accessCode,entryPointFeatures,entryPointType,label,meetingCode,passcode,password,pin,"
    "regionCode,uri),notes,parameters(addOnParameters(parameters(*))),signature),"
    f"created,creator({PERSON}),description,end({WHEN}),endTimeUnspecified,etag,eventLabelId,eventType,"
    "extendedProperties(private(*),shared(*)),"
    "focusTimeProperties(autoDeclineMode,chatStatus,declineMessage),"
    "gadget(display,height,iconLink,link,preferences(*),title,type,width),"
    "guestsCanInviteOthers,guestsCanModify,guestsCanSeeOtherGuests,hangoutLink,htmlLink,iCalUID,id,kind,"
    f"location,locked,organizer({PERSON}),originalStartTime({WHEN}),"
    "outOfOfficeProperties(autoDeclineMode,declineMessage),privateCopy,recurrence,recurringEventId,"
    f"reminders(overrides(method,minutes),useDefault),sequence,source(title,url),start({WHEN}),status,summary,"
    "transparency,updated,visibility,workingLocationProperties(customLocation(label),homeOffice,"
    "officeLocation(buildingId,deskId,floorId,floorSectionId,label),type)"
)
CALENDAR = mask(
    "autoAcceptInvitations,conferenceProperties(allowedConferenceSolutionTypes),dataOwner,description,etag,id,"
    "kind,labelProperties(eventLabels(backgroundColor,id,name)),location,summary,timeZone,"
    "workingHours(availableTimes(dayOfWeek,periodEnd,periodStart),workingHoursEnabled)"
)
LISTED_CALENDAR = mask(
    "accessRole,autoAcceptInvitations,backgroundColor,colorId,"
    "conferenceProperties(allowedConferenceSolutionTypes),dataOwner,defaultReminders(method,minutes),deleted,"
    "description,etag,foregroundColor,hidden,id,kind,location,notificationSettings(notifications(method,type)),"
    "primary,selected,summary,summaryOverride,timeZone"
)
_LIST = "etag,kind,nextPageToken,nextSyncToken"
EVENTS = mask(f"{_LIST},accessRole,defaultReminders(method,minutes),description,summary,timeZone,updated") | {
    "items": EVENT
}
CALENDAR_LIST = mask(_LIST) | {"items": LISTED_CALENDAR}
SETTINGS = mask(f"{_LIST},items(etag,id,kind,value)")
FREE_BUSY = mask(
    "calendars(*(busy(end,start),errors(domain,reason))),groups(*(calendars,errors(domain,reason))),"
    "kind,timeMax,timeMin"
)
