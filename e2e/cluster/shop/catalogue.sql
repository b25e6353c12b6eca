CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL, price numeric NOT NULL);
INSERT INTO item SELECT n, 'sock ' || n, n * 1.25 FROM generate_series(1, 20) n;
