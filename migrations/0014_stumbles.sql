-- What a model makes nothing of does not hold up the rest of its room for ever.

alter table rooms add column remember_stumbles integer not null default 0;
comment on column rooms.remember_stumbles is 'how often in a row a model that answers otherwise has made nothing of the next part';

alter table messages add column passed_over text;
comment on column messages.passed_over is 'why no facts could be made of it: the code of an error';

alter table episodes add column passed_over text;
comment on column episodes.passed_over is 'why it has no gist: the code of an error';
