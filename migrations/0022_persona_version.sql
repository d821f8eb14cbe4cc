-- With which version of its persona a reply was made.

alter table messages add column persona_version bytea;
comment on column messages.persona_version is 'blind lookup of the version of the persona that made this reply: the same for the same texts and settings';
