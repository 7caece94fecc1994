-- A service's own table.
create table counter (id integer primary key, value bigint not null);
insert into counter values (1, 0);
