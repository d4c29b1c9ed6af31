"""Questions to the problem map, and the few numbers of the overview."""

import sqlalchemy as sa

from services.analytics.views.sight import within

PROBLEMS = sa.text(f"""
select * from problems.problems as p
where {within("p.place")} and (:every or (
    (p.kind = 'incident' and p.phase = 'open')
    or (p.kind <> 'incident' and p.phase in ('raised', 'committed', 'disputed'))
    or (p.kind = 'pain-point' and p.phase = 'resolved' and p.resolved_at > :called_done_since)
)) and (p.kind <> 'incident' or p.phase = 'open')
order by p.raised_at desc, p.stream limit 2000
""")
BUILDINGS = sa.text(f"""
select b.id, b.name, b.place, b.longitude, b.latitude, b.system,
       count(p.stream) filter (where p.phase in ('raised', 'committed', 'disputed')) as open,
       count(p.stream) filter (where p.phase in ('resolved', 'confirmed')) as resolved,
       count(*) over () as total
from problems.buildings as b
left join problems.problems as p on p.building = b.id and p.kind = 'pain-point'
where {within("b.place")}
group by b.id, b.name, b.place, b.longitude, b.latitude, b.system order by open desc, b.place, b.id limit 500
""")
BUILDING_NAMES = sa.text(f"""
select b.place, min(b.name) as name, min(z.zone) as zone from problems.buildings as b
left join kpi.zones as z on z.building = b.id
where b.place = any(cast(:paths as text[])) and {within("b.place")}
group by b.place having count(*) = 1 order by b.place
""")
OPEN_INCIDENTS = sa.text(f"""
select split_part(category, '/', 1) as category, count(*) as number from problems.problems as p
where p.kind = 'incident' and p.phase = 'open' and {within("p.place")} group by 1 order by 1
""")
ISSUES = sa.text(f"""
select p.kind, count(*) as raised, count(*) filter (where p.phase in ('resolved', 'confirmed')) as resolved,
       count(*) filter (where p.phase = 'confirmed') as confirmed
from problems.problems as p where p.kind <> 'incident' and {within("p.place")} group by p.kind
""")
ALERTS = sa.text(f"""
select count(*) filter (where a.state = 'raised') as raised,
       count(*) filter (where a.state = 'acknowledged') as acknowledged
from alerts.alerts as a where a.count > 0 and {within("a.place")}
""")
