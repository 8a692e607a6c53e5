// print: size=1440x960 key=#16324a spot=#e2542f seed=51
// The end of the day shift: two cranes over the stacks, one row of boxes in the last light.
#declare Seed=8; #declare Haze=420; #declare HazeTop=30; #declare SunX=.75; #declare SunY=.20; #declare SunZ=.75; #declare SunLight=.9; #declare SkyLow=.97; #declare SkyHigh=.16; #declare SkyBand=.56; #declare Fill=.60; #declare Ambient=.14;
#include "kit.inc"
#declare Eye=<-4,2.4,-70>;
camera{location Eye look_at Eye+<.05,.19,1> right x*image_width/image_height angle 54}
Cloud(12,5.0,9,.42) Cloud(20,8.4,6,.36) Cloud(-6,7.6,9,.36) Cloud(2,13,7,.22) Cloud(-17,4.4,6,.42)
plane{y,0 Tone(.02)}
object{Crane(43,52,0,.006) scale<-1,1,1> translate<26,0,14>}
object{Crane(43,52,0,.02) scale<-1,1,1> translate<44,0,130>}
// The freighter: its bow alone.
union{Hull(150,24,13,.55,.008) Bar(<66,15,0>,<66,27,0>,.35) Bar(<66,25,0>,<74,17,0>,.12)
  #declare k=0; #while(k<7) #declare j=0; #while(j<2+int(rand(R)*3)) box{<50-k*7,13.2+j*2.7,-9>,<56-k*7,15.8+j*2.7,9> Tone(.01+.10*rand(R))} #declare j=j+1; #end #declare k=k+1; #end
  Tone(.008) rotate y*-16 translate<-92,0,38>}
#macro Stack(n,x0,zz,cols,q0,q1,mark)
  #declare j=0; #while(j<n) #declare i=0; #while(i<cols)
    #if (rand(R)<(j<2?1:(j=2?.8:.55))) object{Container(6.06,(j=mark?-.9:Between(q0,q1))) translate<x0+i*6.3,j*2.66,zz>} #end
  #declare i=i+1; #end #declare j=j+1; #end
#end
Stack(2,10.5,-30,5,.01,.03,9)
Stack(3,-22,-8,7,.12,.55,2)
Stack(4,-60,60,22,.14,.5,9)
// A straddle carrier with a box under it.
union{ #declare i=0; #while(i<4) Bar(<-4+i*2.6,.7,-2>,<-4+i*2.6,.7,-1.6>,.7) #declare i=i+1; #end
  box{<-4.5,1.2,-2.1>,<4.5,1.9,-1.6>} box{<-4.2,1.9,-2.1>,<-3.7,10.6,-1.6>} box{<3.7,1.9,-2.1>,<4.2,10.6,-1.6>} box{<-4.2,1.9,1.6>,<-3.7,10.6,2.1>} box{<3.7,1.9,1.6>,<4.2,10.6,2.1>}
  box{<-4.5,10.2,-2.2>,<4.6,10.9,2.2>} box{<3.0,8.6,-2.4>,<5.2,10.4,-.4>} box{<3.3,9.1,-2.45>,<4.9,10,-2.3> Flat(.3)} box{<-3.2,6.6,-1.3>,<3.2,6.9,1.3>} Bar(<-2.6,6.9,-1>,<-2.6,10.4,-1>,.06) Bar(<2.6,6.9,-1>,<2.6,10.4,-1>,.06)
  object{Container(6.06,.22) translate<-3.03,3.95,0>} Tone(.004) translate<-14,0,-24>}
union{object{Figure(1.78,.003,4) translate<-7.2,0,-31>} object{Figure(1.72,.003,4) translate<-6.2,0,-30.4>}}
#declare i=0; #while(i<3) union{Bar(0,y*26,.22) box{<-2,26,-.4>,<2,26.8,.4>} Tone(.02) translate<-34+i*36,0,70+i*30>} #declare i=i+1; #end
