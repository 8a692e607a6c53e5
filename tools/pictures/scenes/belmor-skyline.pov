// print: size=1440x960 key=#2b2a33 spot=#4aa3a0 seed=141 knock=.8
// Belmor on election night: two domes, the court's tower with one floor awake, the iron bridge.
#declare Seed=38; #declare Haze=620; #declare HazeTop=40; #declare HazeTone=.80; #declare SunX=-.3; #declare SunY=.05; #declare SunLight=.45; #declare SkyLow=1.05; #declare SkyHigh=.10; #declare SkyBand=.34; #declare Chop=.10; #declare Fill=.14; #declare Ambient=.12;
#include "kit.inc"
#declare Eye=<-6,6.5,-150>;
camera{location Eye look_at Eye+<.01,.105,1> right x*image_width/image_height angle 48}
Cloud(-14,4.6,9,.42) Cloud(4,6.2,11,.34) Cloud(16,9,9,.20) Cloud(-8,10.5,8,.16) Cloud(22,4.4,6,.46)
Water(.10)
// Embankment, its lamps and trees.
box{<-400,-2,40>,<400,4.2,60> Flat(.17)} box{<-400,4.0,39.4>,<400,4.7,40.4> Tone(.16)}
#declare k=0; #while(k<17) union{cone{0,.20,y*5.0,.10} sphere{y*5.4,.48 no_shadow Flat(T4)} Tone(.01) translate<-116+k*13.6,4.6,40>} #declare k=k+1; #end
#declare k=0; #while(k<13) object{BareTree(Between(9,12),4,.012) rotate y*Between(0,360) translate<-112+k*17.5+Between(-3,3),4.2,47>} #declare k=k+1; #end
Row(-190,180,74,12,19,.07,0) Row(-230,230,110,18,30,.16,0) Row(-280,280,170,28,44,.30,0)
// The parliament and the cathedral: two domes.
union{ box{<-34,0,0>,<34,20,24>} box{<-36,19,-1>,<36,21.5,25>} box{<-11,0,-4>,<11,21,0>} prism{linear_spline 0,4,4,<-12.5,0>,<12.5,0>,<0,6.5>,<-12.5,0> rotate -x*90 translate<0,21,0>} #declare i=0; #while(i<7) cylinder{<-9.6+i*3.2,2,-4.8>,<-9.6+i*3.2,19.5,-4.8>,.9} #declare i=i+1; #end
  #declare i=0; #while(i<9) box{<-31+i*2.5,5,-.1>,<-29.6+i*2.5,9,.1> Flat(.006)} box{<11.5+i*2.5,5,-.1>,<12.9+i*2.5,9,.1> Flat(.006)} box{<-31+i*2.5,12,-.1>,<-29.6+i*2.5,16,.1> Flat(.006)} box{<11.5+i*2.5,12,-.1>,<12.9+i*2.5,16,.1> Flat(.006)} #declare i=i+1; #end
  object{Dome(56,.09) translate<0,10,12>} Tone(.09) translate<-52,4,66>}
union{ object{Dome(48,.26)} object{Spire(40,.26) translate<-16,0,-4>} object{Spire(40,.26) translate<16,0,-4>} translate<-4,14,150>}
// The tower of the court, square and tall; the count goes on on one floor.
union{ box{<-8,0,-8>,<8,64,8>} box{<-9,62,-9>,<9,65,9>} box{<-6,65,-6>,<6,71,6>} box{<-6.8,70.4,-6.8>,<6.8,72,6.8>} prism{conic_sweep linear_spline 0,1,5,<-1,-1>,<1,-1>,<1,1>,<-1,1>,<-1,-1> rotate x*180 translate y scale<6,9,6> translate y*72} Bar(y*80,y*90,.25)
  box{<-14,0,-10>,<14,22,10>} box{<-15,21,-11>,<15,23,11>}
  #declare j=8; #declare i=0; #while(i<5) box{<-6.9+i*2.9,26+j*2.9,-8.1>,<-4.9+i*2.9,28.1+j*2.9,-7.9> Spot(.97)} #declare i=i+1; #end
  #declare i=0; #while(i<8) box{<-12.6+i*3.3,6,-10.1>,<-11+i*3.3,10,-9.9> Flat(.004)} box{<-12.6+i*3.3,13,-10.1>,<-11+i*3.3,17,-9.9> Flat(.004)} #declare i=i+1; #end
  cylinder{<0,58,-8.2>,<0,58,-7.9>,2.2 Flat(.55)} Tone(.05) translate<19,4,52> }
#declare Still=function(a,b){.02} Path(Still,<17,0,32>,<-1.5,0,-112>,1.5,40)
// The iron bridge leads out of the picture, to the right.
union{ #declare k=0; #while(k<3)
    union{ box{<-2.4,-4,-6>,<2.4,9,6>} box{<-3,8.5,-6.6>,<3,9.6,6.6>} translate x*k*46}
    #declare j=0; #while(j<14) #declare a=j/14*46; #declare b=(j+1)/14*46; #declare ha=9.6+15*sin(pi*j/14); #declare hb=9.6+15*sin(pi*(j+1)/14);
      Bar(<k*46+a,ha,-5>,<k*46+b,hb,-5>,.45) Bar(<k*46+b,hb,-5>,<k*46+b,9.5,-5>,.20) Bar(<k*46+a,9.5,-5>,<k*46+b,hb,-5>,.14) Bar(<k*46+a,ha,5>,<k*46+b,hb,5>,.40) Bar(<k*46+b,hb,5>,<k*46+b,9.5,5>,.18)
    #declare j=j+1; #end #declare k=k+1; #end
  box{<-6,9.2,-5.4>,<160,10.4,5.4>} box{<-9,0,-6>,<-2,10,6>} Tone(.008) rotate y*38 translate<40,0,14>}
// A barge going down the river, cut by the frame.
union{Hull(46,7,2.6,.2,.006) box{<-20,2,-2.6>,<-13,4.8,2.6>} box{<-19,4.8,-2.2>,<-14.5,6.8,2.2>} box{<-18.6,5.3,-2.25>,<-15,6.3,2.25> Flat(.5)} box{<-11,2.2,-2.8>,<18,3.3,2.8>} Bar(<20,2,0>,<20,6,0>,.1) Tone(.006) translate<-40,0,-62>}
