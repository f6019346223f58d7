-- What a job shows of itself and where it goes on after an interruption; whether it is long work, of which a node does one at a time.
ALTER TABLE jobs ADD COLUMN state json NOT NULL DEFAULT '{}';
ALTER TABLE jobs ADD COLUMN long bool NOT NULL DEFAULT FALSE;

-- Files that jobs read (users to import) or made (users exported), in sealed pieces: any node finds them, and they survive every restart.
CREATE TABLE job_files (tenant id NOT NULL, job_id id NOT NULL, number int64 NOT NULL, content text NOT NULL, created_at int64 NOT NULL,
  PRIMARY KEY (tenant, job_id, number));
CREATE INDEX job_files_by_age ON job_files (created_at);

-- Why rows of an import failed: arrays in the order of the file.
CREATE TABLE job_errors (tenant id NOT NULL, job_id id NOT NULL, number int64 NOT NULL, errors json NOT NULL, created_at int64 NOT NULL,
  PRIMARY KEY (tenant, job_id, number));
CREATE INDEX job_errors_by_age ON job_errors (created_at);
