-- A room of years has tens of thousands of closed turns: what looks for an open one must not read them.

create index turns_open on turns (room_id, persona) where state <> 'closed';

-- Led by the room, whose id is unique: led by the owner, it looks as good as the primary key to a planner
-- that has no statistics yet, and then every search by id reads all turns of the owner.
drop index turns_of_room;
create index turns_of_room on turns (room_id, until);
