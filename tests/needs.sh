#!/bin/sh
# Says which Debian packages the tests miss. Their tests are skipped, except in CI, where nothing may be.
set -u

missing=""
need() { # package, program, what for
    command -v "$2" >/dev/null 2>&1 && return
    missing="$missing $1"
    echo "  $1: $3" >&2
}

need nodejs node "Node's clients as judges of the stand-ins (tests/foreign), and judges of pages (tests/checks)"
need npm npm "the same"
need chromium chromium "the pages in a real browser (tests/checks)"
need default-jre-headless java "the Nu HTML checker (tests/checks)"
need w3m w3m "the day in a browser for text alone (tests/checks)"
need postgresql pg_ctlcluster "the store on PostgreSQL"
need pgbouncer pgbouncer "a pooler before it"
need postfix postfix "mail through real servers (tests/daybook/mail)"
need dovecot-imapd dovecot "the same"
need spamassassin spamassassin "what a filter makes of our mails (tests/daybook/mail)"
need prometheus promtool "the alerts and the dashboard (tests/deploy)"
need strace strace "the kill at every write (tests/kill_sweep)"
need systemd systemd-analyze "the units as systemd reads them (tests/deploy)"
need nginx-light nginx "TLS before the page (tests/deploy)"
need caddy caddy "the same"
need shellcheck shellcheck "the scripts that install it (tests/deploy)"

if command -v node >/dev/null 2>&1 && ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
    echo "  nodejs: $(node --version) is too old for jira.js, which wants 20 or later" >&2
    missing="$missing nodejs (>= 20)"
fi

[ -z "$missing" ] && exit 0
echo "These tests need more than is here. On Debian: apt-get install$missing" >&2
if [ "${CI:-}" = true ]; then
    echo "In CI no test is skipped for want of a package. Nothing was run." >&2
    exit 2
fi
echo "Going on without; those tests are skipped." >&2
