// Package gossip knows which nodes are alive, with their tags, and reports changes to a Handler.
//
// It is the only package that imports hashicorp/serf, and none of serf's types show in its API. What it adds to serf:
//
//   - a Handler may be as slow as it likes (queue.go);
//   - a node whose name is taken ends with an error that names the other one, and the other one stays (name.go);
//   - members that belong elsewhere are refused, by a callback that decides (stranger.go);
//   - a restarted node looks for its old peers until one answers (rejoin.go);
//   - a killed node that comes back at another address is accepted there at once (moved.go);
//   - the keys change while it runs, and encryption begins in steps (keys.go);
//   - a node that lacks something looks for others without end, and resolves their names each time (seek.go).
package gossip
