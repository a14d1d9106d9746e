// Package vitals measures how busy the machine is on which this node runs, or the container if that has limits.
package vitals
