"""The list of who got which files about people, as a file itself."""

from matricula.disclosures.reads import NAMED, DisclosureFilter, parameters_of
from matricula.tabular.exports import Export, export_table
from matricula.tabular.writing import sql_time

COLUMNS = (
    "disclosure_id", "at", "kind", "source", "username", "api_client", "os_user", "request_id", "course", "program",
    "job_id", "file", "filters", "reason", "ended", "rows", "people", "complete",
)  # fmt: skip
_DISCLOSURES = """
select {cells} from (
    select d.id as disclosure_id, {at} as at, d.kind, d.source, a.username, k.client_id as api_client,
        d.os_user, d.operation as request_id, c.key as course, p.key as program, d.job_id, d.file,
        d.filters::text as filters, d.reason, {ended} as ended, d.rows, d.people, d.complete
    {named}
) r order by disclosure_id
"""


def export_disclosures(wanted: DisclosureFilter, form: str) -> Export:
    """The disclosures in the order in which they began; ``form`` is ``csv`` or ``jsonl``. Each row counts as a person:
    who got the file.
    """
    query = _DISCLOSURES.replace("{named}", NAMED)
    return export_table(
        query.replace("{at}", sql_time("d.at")).replace("{ended}", sql_time("d.ended")),
        form,
        parameters_of(wanted),
        COLUMNS,
        booleans={"complete"},
        others={"disclosure_id", "request_id", "job_id", "rows", "people"},
    )
