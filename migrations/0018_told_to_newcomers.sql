-- What was said in a group before somebody came is shown beside them only where their platform shows it to them.

alter table rooms add column reads_before boolean not null default false;
comment on column rooms.reads_before is 'whoever comes can read what was said before, as the platform told last';
