# the menu of the old site; run it with python2
import sys, urllib2

for line in urllib2.urlopen(sys.argv[1]):
    print line.strip()
