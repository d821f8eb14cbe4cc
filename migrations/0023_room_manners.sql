-- What was set for a persona in one room.

alter table persona_rooms add column manners jsonb not null default '{}';
comment on column persona_rooms.manners is 'settings by their names, as they were said: {"temperature": "0.7"}; no content';
