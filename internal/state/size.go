package state

// Size is how much the state holds.
type Size struct {
	Disk           int64  // bytes of the database's file
	Free           int64  // bytes of it that are free for reuse
	OpenLaunches   int    // launches that have not ended
	OpenExecutions int    // executions that have not ended
	Launches       uint64 // launches ever recorded as ended
	Executions     uint64 // executions ever recorded as ended
	Output         uint64 // bytes of output that the histories hold
	OutputLimit    uint64 // how many they may hold, 0 if there is no limit
	Compactions    uint64 // how often this process has compacted the file
}

// Size measures the state. It reads what is open once, and nothing of the history.
func (s *Store) Size() (size Size, err error) {
	err = s.View(func(tx *Tx) error {
		db := tx.bolt.DB()
		size = Size{
			Disk: tx.bolt.Size(), Free: int64(db.Stats().FreeAlloc),
			OpenLaunches:   tx.bolt.Bucket(tableLaunch).Stats().KeyN,
			OpenExecutions: tx.bolt.Bucket(tableExecution).Stats().KeyN,
			Launches:       tx.meta.Launched, Executions: tx.meta.Executed,
			Output: tx.meta.Held, OutputLimit: tx.meta.Settings.TotalBytes, Compactions: s.compactions.Load(),
		}
		return nil
	})
	return size, err
}
