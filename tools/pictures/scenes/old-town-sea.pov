// print: size=1920x720 key=#3b1d2a spot=#e2542f seed=41
// A still grey morning: the old town and all its gables stand on their heads in the inner basin.
#declare Seed=52; #declare Haze=330; #declare HazeTop=30; #declare HazeTone=.88; #declare SunX=-.7; #declare SunY=.9; #declare SunZ=-.6; #declare SunLight=.75; #declare SkyLow=.93; #declare SkyHigh=.50; #declare SkyBand=.34; #declare Chop=.035; #declare Fill=.2;
#include "kit.inc"
camera{location<2,5.6,-128> look_at<2,7.4,0> right x*image_width/image_height angle 56}
Water(.10)
#macro Front(x0,x1,zz,q)
  #declare xx=x0; #while(xx<x1)
    #declare w=Between(5.6,8.6); #declare style=int(rand(R)*4.99);
    object{Gabled(w,4+int(rand(R)*2.4),11,style,q[int(rand(R)*3.99)],.075) translate<xx+w/2,2.2,zz+Between(-.4,1.2)>}
  #declare xx=xx+w+(rand(R)<.10?2.2:.06); #end
#end
#declare Paint=array[4]{.05,.16,.30,.75}
Front(-112,-9,46,Paint) Front(13,62,46,Paint)
// The Customs House with its dome, between them.
union{ box{<-10,0,0>,<12,12.5,20>} box{<-10.6,12,-.6>,<12.6,13.2,20.6>} box{<-5,0,-2>,<7,13,0>} prism{linear_spline 0,2,4,<-6.6,0>,<8.6,0>,<1,4>,<-6.6,0> rotate -x*90 translate<0,13,0>}
  #declare i=0; #while(i<6) cylinder{<-4.2+i*2.08,1.2,-2.6>,<-4.2+i*2.08,12,-2.6>,.55} #declare i=i+1; #end box{<-5.4,12,-3.3>,<7.4,13,-1.6>} box{<-6,0,-4.4>,<8,1.2,0>}
  #declare i=0; #while(i<2) Sash(-8.9+i*1.9,3,1,2.6,0,.05,0) Sash(-8.9+i*1.9,8,1,2.2,0,.05,i) Sash(8.6+i*1.9,3,1,2.6,0,.05,0) Sash(8.6+i*1.9,8,1,2.2,0,.05,0) #declare i=i+1; #end
  object{Dome(30,.30) translate<1,4,12>} Tone(.34) translate<1,2.2,46>}
Row(-170,80,84,16,27,.36,0) Row(60,180,90,10,18,.4,0)
object{Tower(45,.10) translate<-38,0,96>} object{Spire(44,.34) translate<-70,0,110>} object{Spire(40,.4) translate<36,0,120>}
// The quay, its steps and boats.
box{<-220,-2,41.5>,<220,2.2,47> Tone(.05)} box{<-220,2.0,41.2>,<220,2.35,42> Tone(.20)}
#declare i=0; #while(i<26) Bar(<-92+i*7.2,-1,41.2>,<-92+i*7.2,3.1,41.2>,.16) #declare i=i+1; #end
object{Trawler(15,.012) translate<-52,0,37>} object{Trawler(13,.02) scale<-1,1,1> translate<-30,0,38>} object{Trawler(16,.015) translate<40,0,37>}
object{Skiff(6,.012,.05) rotate y*20 translate<14,0,2>} object{Skiff(5,.02,.1) rotate y*170 translate<-17,0,34>} object{Skiff(5,.03,.1) translate<8,0,37>}
// Two idle cranes end the picture.
box{<62,-2,40>,<240,2.6,110> Tone(.06)}
object{Crane(26,30,58,.03) translate<74,2.6,54>} object{Crane(26,30,58,.06) translate<96,2.6,84>}
#declare i=0; #while(i<8) Gull(<Between(-50,30),Between(14,22),Between(0,30)>,Between(.6,1.0),Between(-30,30),.03) #declare i=i+1; #end
